/** The input that a setting's kind needs. */
import { NativeSelect, Switch, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { DraftInput } from './DraftInput'
import type { FieldKind } from './fieldKind'
import { NumberField } from './NumberField'

interface FieldInputProps {
  field: FieldKind
  name: string
  label: ReactNode
  'aria-describedby'?: string
  /** Where the label alone would not tell it from others of the page. */
  'aria-label'?: string
  value: unknown
  error?: string
  /** What an option is called, where that is not its name. */
  titleOf?: (option: string) => string
  step?: number
  /** What stands in an empty field. */
  empty?: string
  /** Without the small buttons that count up and down. */
  hideControls?: boolean
  /** Changes when the typed text must give way to `value` again. */
  epoch?: unknown
  onCommit: (value: unknown) => void
}

export function FieldInput(props: FieldInputProps) {
  const {
    field,
    value,
    titleOf = String,
    step,
    empty = 'all',
    hideControls,
    epoch,
    onCommit,
    ...common
  } = props
  switch (field.kind) {
    case 'switch':
      return (
        <Switch
          {...common}
          checked={Boolean(value)}
          onChange={(event) => onCommit(event.currentTarget.checked)}
        />
      )
    case 'select':
      return (
        <NativeSelect
          {...common}
          data={field.options.map((option) => ({ value: option, label: titleOf(option) }))}
          value={String(value)}
          onChange={(event) => onCommit(event.currentTarget.value)}
        />
      )
    case 'fixed':
      return <TextInput {...common} value={field.value} readOnly />
    case 'text':
      return <DraftInput {...common} value={String(value)} epoch={epoch} onCommit={onCommit} />
    case 'number':
      return (
        <NumberField
          {...common}
          {...field}
          value={value as number | null}
          step={step}
          placeholder={field.nullable ? empty : undefined}
          hideControls={hideControls}
          epoch={epoch}
          onCommit={onCommit}
        />
      )
  }
}
