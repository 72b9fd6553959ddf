/** Experiments worth starting from. */
import { NativeSelect, Text } from '@mantine/core'
import { useId } from 'react'
import { PRESETS } from '../../core/config/presets'
import { FIELD_NAMES, fieldMeta, type RunConfig, runConfigSchema } from '../../core/config/schema'
import { requestChange } from '../store/form'
import { useLab } from '../store/labStore'

/** A preset's whole config: what it does not name has its default. */
const whole = (values: Partial<RunConfig>): RunConfig => runConfigSchema.parse(values)

/** The seed does not make it another experiment. */
const compared = FIELD_NAMES.filter((name) => name !== 'run_seed' && !fieldMeta(name).cliOnly)

function isPreset(config: RunConfig, values: Partial<RunConfig>): boolean {
  const preset = whole(values)
  return compared.every((name) => config[name] === preset[name])
}

/** @param brief without what it says of itself */
export function PresetSelect({ brief = false }: { brief?: boolean }) {
  const descriptionId = useId()
  const config = useLab((lab) => lab.config)
  const current = PRESETS.find((preset) => isPreset(config, preset.values))
  const options = PRESETS.map(({ id, title }) => ({ value: id, label: title }))
  const choose = (id: string) => {
    const preset = PRESETS.find((one) => one.id === id)
    if (preset) requestChange('the preset', { ...whole(preset.values), run_seed: config.run_seed })
  }
  return (
    <div className="field">
      <NativeSelect
        label="Preset"
        name="preset"
        data={current ? options : [{ value: '', label: 'Custom' }, ...options]}
        value={current?.id ?? ''}
        onChange={(event) => choose(event.currentTarget.value)}
        aria-describedby={brief ? undefined : descriptionId}
      />
      {!brief && (
        <Text id={descriptionId} size="sm" c="dimmed" mt={6}>
          {current?.description ?? 'Your own settings. Choose a preset to go back to a known experiment.'}
        </Text>
      )}
    </div>
  )
}
