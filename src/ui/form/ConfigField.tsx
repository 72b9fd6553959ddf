/** One setting of the run: the input its type needs, labelled and named as the schema says. */
import { Slider } from '@mantine/core'
import { useId } from 'react'
import { type FieldName, fieldMeta } from '../../core/config/schema'
import { changeField } from '../store/form'
import { useLab } from '../store/labStore'
import { contradictionAt } from '../store/obstacles'
import { dragRho, useRhoOnTheWay } from '../store/rhoOnTheWay'
import { DatasetField } from './DatasetField'
import { FieldInput } from './FieldInput'
import { FieldHelp, FieldLabel } from './FieldLabel'
import { fieldKind, rangeText } from './fieldKind'
import { ModelField } from './ModelField'
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
  const rule = field.kind === 'number' ? `${rangeText(field)}, please` : outOfRange
  if (name === 'dataset') return <DatasetField helpId={helpId} />
  if (name === 'model_name') return <ModelField helpId={helpId} />
  if (name === 'runs') return <RunsField helpId={helpId} />
  return (
    <FieldInput
      field={field}
      name={name}
      label={<FieldLabel label={meta.label} flag={name} />}
      aria-describedby={helpId}
      value={dragged ?? value}
      // One message for one mistake.
      error={outOfRange === undefined ? contradiction : rule}
      titleOf={(option) => meta.choices?.[option].title ?? option}
      step={meta.step}
      empty={meta.empty}
      epoch={pending}
      onCommit={(next) => changeField(name, typeof next === 'string' ? textOf(next) : next)}
    />
  )
}

/** Lists may be written with spaces; an empty field means the default. */
const textOf = (typed: string) => typed.replaceAll(' ', '') || undefined

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
      size={4}
      thumbSize={24}
    />
  )
}
