/**
 * What measures look at: how far, how finely, on how many images; the rest folded, with what is not at its default. As
 * the measures say; nothing of it is known here.
 */
import { NativeSelect, Switch, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { MeasureSettings, Setting } from '../../worker/protocol'
import { FieldHelp, FieldLabel } from '../form/FieldLabel'
import { Fold } from '../form/Fold'
import { NumberField } from '../form/NumberField'
import { useLab } from '../store/labStore'

export function MeasureSettingsForm() {
  const settings = useLab((lab) => lab.settingsOfMeasures)
  const values = useLab((lab) => lab.measureSettings) as Record<string, unknown>
  const shown = settings.filter(
    ({ shownWith }) => !shownWith || shownWith.values.includes(String(values[shownWith.name])),
  )
  const groups = [...new Set(shown.flatMap(({ group }) => group ?? []))]
  return (
    <>
      <div className="slice-settings">
        {shown
          .filter(({ group }) => group === undefined)
          .map((setting) => (
            <SettingField key={setting.name} setting={setting} />
          ))}
      </div>
      <div className="slice-folds">
        {groups.map((title) => {
          const own = shown.filter(({ group }) => group === title)
          return (
            <Fold key={title} title={title} changed={changedText(own, values)} changedTitle="Not the default">
              {() => (
                <div className="fields">
                  {own.map((setting) => (
                    <SettingField key={setting.name} setting={setting} />
                  ))}
                </div>
              )}
            </Fold>
          )
        })}
      </div>
    </>
  )
}

/** What is not at its default: `Labels clean, Probes 4` */
const changedText = (settings: readonly Setting[], values: Record<string, unknown>): string =>
  settings
    .filter(({ name, default: usual }) => values[name] !== usual)
    .map(({ name, label }) => `${label} ${settingText(values[name])}`)
    .join(', ')

const settingText = (value: unknown): string =>
  value === true ? 'on' : value === false ? 'off' : String(value)

function SettingField({ setting }: { setting: Setting }) {
  const { name, label, help } = setting
  const kind = setting.kind === 'boolean' ? 'switch' : setting.kind === 'choice' ? 'select' : 'number'
  return (
    <div className="field" data-kind={kind}>
      <SettingInput setting={setting} />
      <FieldHelp label={label} flag={name} help={help} helpId={`help-${name}`} />
    </div>
  )
}

function SettingInput({ setting }: { setting: Setting }) {
  const { name, kind, choices, min, max, step } = setting
  const value = useLab((lab) => lab.measureSettings[name as keyof MeasureSettings]) as unknown
  const [error, setError] = useState<string>()
  const label = <FieldLabel label={setting.label} flag={name} />
  const common = { name, label, 'aria-describedby': `help-${name}` }
  switch (kind) {
    case 'boolean':
      return (
        <Switch
          {...common}
          checked={value === true}
          onChange={(event) => change(name, event.currentTarget.checked)}
        />
      )
    case 'choice':
      return (
        <NativeSelect
          {...common}
          data={[...choices]}
          value={String(value)}
          onChange={(event) => change(name, event.currentTarget.value)}
        />
      )
    case 'number':
    case 'integer': {
      const commit = (typed: number | null | undefined) => {
        // An empty field means the default.
        const next = typed === undefined ? setting.default : typed
        const fits = typeof next === 'number' && next >= min && next <= max
        const whole = kind === 'number' || Number.isInteger(next)
        setError(fits && whole ? undefined : `${min} to ${max}, please`)
        if (fits && whole) change(name, next)
      }
      return (
        <NumberField
          name={name}
          label={label}
          value={value as number}
          error={error}
          describedBy={`help-${name}`}
          onCommit={commit}
          step={step}
          min={min}
          max={max}
          integer={kind === 'integer'}
        />
      )
    }
    default:
      return (
        <TextInput
          {...common}
          value={String(value)}
          onChange={(event) => change(name, event.currentTarget.value)}
        />
      )
  }
}

function change(name: string, value: unknown): void {
  useLab.setState(({ measureSettings }) => ({ measureSettings: { ...measureSettings, [name]: value } }))
}
