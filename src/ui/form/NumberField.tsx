/** A number that is taken over when the person leaves the field or presses Enter; Escape undoes. */
import { NumberInput } from '@mantine/core'
import { type ReactNode, useEffect, useState } from 'react'

export interface NumberFieldProps {
  name: string
  label: ReactNode
  value: number | null
  min: number
  max: number
  integer: boolean
  step?: number
  /** An empty field means null. */
  nullable?: boolean
  placeholder?: string
  error?: string
  describedBy?: string
  /** Where the label alone would not tell it from others of the page. */
  'aria-label'?: string
  onCommit: (value: number | null | undefined) => void
  /** Without the small buttons that count up and down. */
  hideControls?: boolean
  /** Changes when the typed text must give way to `value` again. */
  epoch?: unknown
}

export function NumberField(props: NumberFieldProps) {
  const { name, value, min, max, integer, step, nullable, onCommit, epoch } = props
  const [draft, setDraft] = useState<number | string>(value ?? '')
  // biome-ignore lint/correctness/useExhaustiveDependencies: `epoch` asks for the value again
  useEffect(() => setDraft(value ?? ''), [value, epoch])
  const commit = (text: number | string) => {
    if (text === '' && !nullable) {
      onCommit(undefined)
      // What an empty field means stands in it, also where that is what stood there.
      return setDraft(value ?? '')
    }
    if (text === '') return onCommit(null)
    if (Number(text) !== value) onCommit(Number(text))
    else onCommit(value)
  }
  return (
    <NumberInput
      name={name}
      label={props.label}
      value={draft}
      min={min}
      max={max}
      step={step ?? (integer ? 1 : 0.01)}
      allowDecimal={!integer}
      clampBehavior="none"
      placeholder={props.placeholder}
      error={props.error}
      aria-describedby={props.describedBy}
      aria-label={props['aria-label']}
      hideControls={props.hideControls}
      stepHoldDelay={500}
      stepHoldInterval={120}
      onChange={setDraft}
      onBlur={() => commit(draft)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') commit(draft)
        if (event.key === 'Escape') setDraft(value ?? '')
      }}
    />
  )
}
