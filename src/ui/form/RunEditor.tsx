/** What sets one run apart: its own settings, each with its value, and its place in the list. */
import { ActionIcon, NativeSelect } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconCopy, IconX } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { fieldApplies } from '../../core/config/applies'
import { flagText, readFlag } from '../../core/config/flags'
import { mayDiffer } from '../../core/config/runList'
import { FIELD_NAMES, type FieldName, fieldMeta, type RunConfig } from '../../core/config/schema'
import { SmallButton } from '../charts/SmallButton'
import { useLab } from '../store/labStore'
import { FieldInput } from './FieldInput'
import { FieldLabel } from './FieldLabel'
import { fieldKind, rangeText } from './fieldKind'
import type { RunRow } from './runEntries'

type Value = RunConfig[FieldName]

export interface RunEditorProps {
  row: RunRow
  number: number
  /** No further run fits. */
  full: boolean
  /** @param value undefined: as in the form */
  onSetting: (name: FieldName, value: Value | undefined) => void
  onDuplicate: () => void
  /** Absent at the ends of the list. */
  onUp?: () => void
  onDown?: () => void
}

export function RunEditor({ row, number, full, onSetting, onDuplicate, onUp, onDown }: RunEditorProps) {
  const { entry, run } = row
  // Picked, but still at the form's value: no change of the run yet.
  const [picked, setPicked] = useState<FieldName[]>([])
  const own = FIELD_NAMES.filter((name) => name in entry.changes)
  const fresh = picked.filter((name) => !own.includes(name))
  const set = (name: FieldName, value: Value) => {
    if (JSON.stringify(value) !== JSON.stringify(run.config[name])) onSetting(name, value)
  }
  const drop = (name: FieldName) => {
    setPicked(picked.filter((other) => other !== name))
    if (own.includes(name)) onSetting(name, undefined)
  }
  return (
    <div className="run-settings">
      {[...own, ...fresh].map((name) => (
        <RunSetting
          key={name}
          name={name}
          of={run.label}
          number={number}
          value={run.config[name]}
          isFresh={picked.includes(name)}
          onCommit={(value) => set(name, value)}
          onDrop={() => drop(name)}
        />
      ))}
      <NativeSelect
        aria-label={`Another setting for ${run.label}`}
        data={[{ value: '', label: 'Set another setting …' }, ...choices([...own, ...fresh], run.config)]}
        value=""
        onChange={(event) => setPicked([...picked, event.currentTarget.value as FieldName])}
      />
      <div className="button-row">
        <SmallButton
          className="touchable"
          onClick={onDuplicate}
          disabled={full}
          leftSection={<IconCopy size={14} aria-hidden />}
        >
          Duplicate
        </SmallButton>
        <ActionIcon
          className="touchable"
          data-part="up"
          variant="default"
          aria-label={`Move ${run.label} up`}
          disabled={!onUp}
          onClick={onUp}
        >
          <IconArrowUp size={16} aria-hidden />
        </ActionIcon>
        <ActionIcon
          className="touchable"
          data-part="down"
          variant="default"
          aria-label={`Move ${run.label} down`}
          disabled={!onDown}
          onClick={onDown}
        >
          <IconArrowDown size={16} aria-hidden />
        </ActionIcon>
      </div>
    </div>
  )
}

/** The settings that a run may still have for itself; those that have no say in it are left out. */
function choices(taken: readonly FieldName[], config: RunConfig) {
  return FIELD_NAMES.filter(
    (name) =>
      mayDiffer(name) &&
      !taken.includes(name) &&
      fieldKind(name).kind !== 'fixed' &&
      fieldApplies(name, config),
  ).map((name) => ({ value: name, label: fieldMeta(name).label }))
}

interface RunSettingProps {
  name: FieldName
  /** The run's label. */
  of: string
  number: number
  value: Value
  /** Takes the focus when it appears. */
  isFresh: boolean
  onCommit: (value: Value) => void
  onDrop: () => void
}

function RunSetting(props: RunSettingProps) {
  const { name, of, isFresh, onDrop } = props
  const holder = useRef<HTMLDivElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it appears
  useEffect(() => {
    const input = holder.current?.querySelector<HTMLInputElement | HTMLSelectElement>('input, select')
    if (!isFresh || !input) return
    input.focus()
    if (input instanceof HTMLInputElement) input.select()
  }, [])
  return (
    <div className="field run-setting" ref={holder}>
      <SettingInput {...props} />
      <ActionIcon
        className="touchable"
        aria-label={`${fieldMeta(name).label} of ${of}: as in the form`}
        onClick={onDrop}
      >
        <IconX size={16} aria-hidden />
      </ActionIcon>
    </div>
  )
}

function SettingInput({ name, of, number, value, onCommit }: RunSettingProps) {
  const pending = useLab((lab) => lab.pending)
  const [error, setError] = useState<string>()
  const { label, step, empty } = fieldMeta(name)
  const field = fieldKind(name)
  const take = (text: string) => {
    const reading = readFlag(name, text)
    const rule = rangeText(field)
    setError(reading.ok ? undefined : rule ? `${rule}, please` : reading.message)
    if (reading.ok) onCommit(reading.value)
  }
  return (
    <FieldInput
      field={field.kind === 'switch' ? { kind: 'select', options: ['true', 'false'] } : field}
      name={`run${number}.${name}`}
      label={<FieldLabel label={label} flag={name} />}
      aria-label={`${label} of ${of}`}
      value={field.kind === 'text' ? flagText(value) : value}
      error={error}
      step={step}
      empty={empty}
      hideControls
      epoch={pending}
      onCommit={(next) => take(next === null ? 'none' : String(next ?? '').replaceAll(' ', ''))}
    />
  )
}
