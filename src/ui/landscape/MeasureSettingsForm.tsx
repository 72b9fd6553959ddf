/**
 * What measures look at: how far, how finely, on how many images; the rest folded, with what is not at its default. As
 * the measures say; nothing of it is known here.
 */
import { useState } from 'react'
import type { MeasureSettings, Setting } from '../../worker/protocol'
import { FieldInput } from '../form/FieldInput'
import { FieldHelp, FieldLabel } from '../form/FieldLabel'
import { Fold } from '../form/Fold'
import { type FieldKind, kindOfFlag } from '../form/fieldKind'
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
  const { name, label, help, min, max } = setting
  const value = useLab((lab) => lab.measureSettings[name as keyof MeasureSettings])
  const [error, setError] = useState<string>()
  const field = kindOfFlag(setting)
  const helpId = `help-${name}`
  const commit = (typed: unknown) => {
    // An empty field means the default.
    const next = typed === undefined ? setting.default : typed
    const fits = field.kind !== 'number' || isWithin(field, next)
    setError(fits ? undefined : `${min} to ${max}, please`)
    if (fits) change(name, next)
  }
  return (
    <div className="field" data-kind={field.kind}>
      <FieldInput
        field={field}
        name={name}
        label={<FieldLabel label={label} flag={name} />}
        aria-describedby={helpId}
        value={value}
        error={error}
        step={setting.step}
        onCommit={commit}
      />
      <FieldHelp label={label} flag={name} help={help} helpId={helpId} />
    </div>
  )
}

const isWithin = ({ min, max, integer }: FieldKind & { kind: 'number' }, value: unknown): boolean =>
  typeof value === 'number' && value >= min && value <= max && (!integer || Number.isInteger(value))

function change(name: string, value: unknown): void {
  useLab.setState(({ measureSettings }) => ({ measureSettings: { ...measureSettings, [name]: value } }))
}
