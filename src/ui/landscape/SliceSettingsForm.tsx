/** What the slices look at: how far, how finely, on how many images. */
import { Switch } from '@mantine/core'
import { useState } from 'react'
import { sliceSettingsSchema } from '../../core/config/sliceSettings'
import type { SliceSettings } from '../../worker/protocol'
import { FieldHelp, FieldLabel } from '../form/FieldLabel'
import { NumberField } from '../form/NumberField'
import { useLab } from '../store/labStore'

type NumberName = Exclude<keyof SliceSettings, 'include_bn_and_bias'>

const FIELDS: {
  name: NumberName
  label: string
  help: string
  step: number
}[] = [
  {
    name: 'range',
    label: 'Range a',
    help: 'Slices go from −a to a along each direction. At 1 a filter is moved by its own norm.',
    step: 0.25,
  },
  {
    name: 'points_1d',
    label: 'Points, 1-D',
    help: 'Points of a 1-D slice and of the interpolation; an odd number has the minimum among them.',
    step: 2,
  },
  {
    name: 'points_2d',
    label: 'Points per side, 2-D',
    help: 'Points along each side of a 2-D slice: 21 make 441 losses per run.',
    step: 2,
  },
  {
    name: 'num_images',
    label: 'Images',
    help: 'Training images the loss is measured on, a fixed draw by the seed of the run.',
    step: 500,
  },
  {
    name: 'direction_seed',
    label: 'Direction seed',
    help: 'Draws the random directions; all runs get the same.',
    step: 1,
  },
]

export function SliceSettingsForm() {
  const settings = useLab((lab) => lab.sliceSettings)
  return (
    <div className="slice-settings">
      {FIELDS.map((field) => (
        <SliceField key={field.name} {...field} value={settings[field.name]} />
      ))}
      <div className="field" data-kind="switch">
        <Switch
          name="include_bn_and_bias"
          label={<FieldLabel label="Include batch norm and biases" flag="include_bn_and_bias" />}
          aria-describedby="help-include"
          checked={settings.include_bn_and_bias}
          onChange={(event) => change({ include_bn_and_bias: event.currentTarget.checked })}
        />
        <FieldHelp
          label="Include batch norm and biases"
          help="Lets the directions move these entries too; Li et al. leave them out."
          helpId="help-include"
        />
      </div>
    </div>
  )
}

/** Smallest and largest value, and whether only whole numbers: as the schema says. */
function rangeOf(name: NumberName): { min: number; max: number; integer: boolean } {
  const { minValue, maxValue, isInt } = sliceSettingsSchema.shape[name].unwrap()
  return { min: minValue ?? 0, max: maxValue ?? Number.POSITIVE_INFINITY, integer: isInt }
}

function SliceField({ name, label, help, value, step }: (typeof FIELDS)[number] & { value: number }) {
  const range = rangeOf(name)
  const [error, setError] = useState<string>()
  const helpId = `help-${name}`
  const commit = (next: number | null | undefined) => {
    const parsed = sliceSettingsSchema.shape[name].safeParse(next)
    setError(parsed.success ? undefined : `${range.min} to ${range.max}, please`)
    if (parsed.success) change({ [name]: parsed.data })
  }
  return (
    <div className="field" data-kind="number">
      <NumberField
        name={name}
        label={<FieldLabel label={label} flag={name} />}
        value={value}
        error={error}
        describedBy={helpId}
        onCommit={commit}
        step={step}
        {...range}
      />
      <FieldHelp label={label} help={help} helpId={helpId} />
    </div>
  )
}

function change(values: Partial<SliceSettings>): void {
  useLab.setState(({ sliceSettings }) => ({ sliceSettings: { ...sliceSettings, ...values } }))
}
