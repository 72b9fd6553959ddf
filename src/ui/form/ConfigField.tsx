/** One setting of the run: the input its type needs, labelled and named as the schema says. */
import { NativeSelect, Slider, Switch, TextInput } from '@mantine/core'
import { useEffect, useId, useState } from 'react'
import { type FieldName, fieldMeta } from '../../core/config/schema'
import { changeField } from '../store/form'
import { useLab } from '../store/labStore'
import { contradictionAt } from '../store/obstacles'
import { dragRho, useRhoOnTheWay } from '../store/rhoOnTheWay'
import { DatasetField } from './DatasetField'
import { FieldHelp, FieldLabel } from './FieldLabel'
import { fieldKind, rangeText } from './fieldKind'
import { ModelField } from './ModelField'
import { NumberField } from './NumberField'
import { RunsField } from './RunsField'
import { useFocusWhenWanted } from './wantedField'

export function ConfigField({ name }: { name: FieldName }) {
  const meta = fieldMeta(name)
  const helpId = useId()
  const field = fieldKind(name)
  const box = useFocusWhenWanted(name)
  const value = useLab((lab) => lab.config[name])
  const range = rangeText(field)
  const choice = meta.choices?.[String(value)]
  const help = range ? `${meta.help} (${range})` : choice ? `${choice.title}: ${choice.help}` : meta.help
  return (
    <div className="field" data-kind={field.kind} ref={box}>
      <ConfigInput name={name} helpId={helpId} />
      <FieldHelp label={meta.label} flag={name} help={help} helpId={helpId} paper={choice?.paper} />
      {name === 'sam_rho' && <RhoSlider />}
    </div>
  )
}

function ConfigInput({ name, helpId }: { name: FieldName; helpId: string }) {
  const value = useLab((lab) => lab.config[name])
  const dragged = useRhoOnTheWay((rho) => (name === 'sam_rho' ? rho.dragged : undefined))
  const outOfRange = useLab((lab) => lab.invalid[name])
  const contradiction = useLab((lab) => contradictionAt(lab.config, name))
  const pending = useLab((lab) => lab.pending)
  const meta = fieldMeta(name)
  const field = fieldKind(name)
  // One message for one mistake.
  const error = outOfRange === undefined ? contradiction : outOfRange
  const label = <FieldLabel label={meta.label} flag={name} />
  const common = { name, 'aria-describedby': helpId }
  if (name === 'dataset') return <DatasetField helpId={helpId} />
  if (name === 'model_name') return <ModelField helpId={helpId} />
  if (name === 'runs') return <RunsField helpId={helpId} />
  switch (field.kind) {
    case 'switch':
      return (
        <Switch
          {...common}
          label={label}
          error={error}
          checked={Boolean(value)}
          onChange={(event) => changeField(name, event.currentTarget.checked)}
        />
      )
    case 'select':
      return (
        <NativeSelect
          {...common}
          label={label}
          error={error}
          data={field.options.map((option) => ({
            value: option,
            label: meta.choices?.[option].title ?? option,
          }))}
          value={String(value)}
          onChange={(event) => changeField(name, event.currentTarget.value)}
        />
      )
    case 'fixed':
      return <TextInput {...common} label={label} value={field.value} readOnly />
    case 'text':
      return <TextField name={name} helpId={helpId} value={String(value)} error={error} epoch={pending} />
    case 'number':
      return (
        <NumberField
          name={name}
          label={label}
          value={dragged ?? (value as number | null)}
          min={field.min}
          max={field.max}
          integer={field.integer}
          step={meta.step}
          nullable={field.nullable}
          placeholder={field.nullable ? (meta.empty ?? 'all') : undefined}
          error={outOfRange === undefined ? contradiction : `${rangeText(field)}, please`}
          describedBy={helpId}
          epoch={pending}
          onCommit={(next) => changeField(name, next)}
        />
      )
  }
}

interface TextFieldProps {
  name: FieldName
  helpId: string
  value: string
  error?: string
  epoch: unknown
}

function TextField({ name, helpId, value, error, epoch }: TextFieldProps) {
  const [draft, setDraft] = useState(value)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `epoch` asks for the value again
  useEffect(() => setDraft(value), [value, epoch])
  const commit = () => {
    const text = draft.replaceAll(' ', '')
    // An empty field means the default, which then stands in it.
    changeField(name, text === '' ? undefined : text)
    if (text === '') setDraft(String(useLab.getState().config[name]))
  }
  return (
    <TextInput
      name={name}
      label={<FieldLabel label={fieldMeta(name).label} flag={name} />}
      aria-describedby={helpId}
      value={draft}
      error={error}
      onChange={(event) => setDraft(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => event.key === 'Enter' && commit()}
    />
  )
}

/** The radius by hand over the range that matters; the number takes any value, and both follow the thumb. */
function RhoSlider() {
  const rho = useLab((lab) => lab.config.sam_rho)
  const dragged = useRhoOnTheWay(({ dragged }) => dragged)
  return (
    <Slider
      thumbLabel="Radius by slider"
      min={0}
      max={1}
      step={0.01}
      value={Math.min(dragged ?? rho, 1)}
      onChange={dragRho}
      onChangeEnd={(value) => {
        dragRho(undefined)
        changeField('sam_rho', value)
      }}
      label={null}
      size={4}
      thumbSize={24}
    />
  )
}
