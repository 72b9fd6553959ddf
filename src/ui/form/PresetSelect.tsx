/** Experiments worth starting from. */
import { NativeSelect } from '@mantine/core'
import { useId } from 'react'
import { PRESETS } from '../../core/config/presets'
import { requestChange } from '../store/form'
import { useLab } from '../store/labStore'
import { nearestPreset, wholePreset } from './deviations'

/** @param brief without what it says of itself */
export function PresetSelect({ brief = false }: { brief?: boolean }) {
  const descriptionId = useId()
  const config = useLab((lab) => lab.config)
  const { preset, differs } = nearestPreset(config)
  const isCustom = differs.length > 0
  const options = PRESETS.map(({ id, title }) => ({ value: id, label: title }))
  const choose = (id: string) => {
    const next = PRESETS.find((one) => one.id === id)
    if (!next) return
    const from = isCustom ? 'your own settings' : `“${preset.title}”`
    requestChange(`the preset from ${from} to “${next.title}”`, {
      ...wholePreset(next),
      run_seed: config.run_seed,
    })
  }
  return (
    <div className="field">
      <NativeSelect
        label="Preset"
        name="preset"
        data={isCustom ? [{ value: '', label: 'Custom' }, ...options] : options}
        value={isCustom ? '' : preset.id}
        onChange={(event) => choose(event.currentTarget.value)}
        aria-describedby={brief ? undefined : descriptionId}
      />
      {!brief && isCustom && (
        <p id={descriptionId} className="preset-text">
          Like “{preset.title}” but for {countText(differs.length)}.
        </p>
      )}
      {!brief && !isCustom && <Description id={descriptionId} text={preset.description} />}
    </div>
  )
}

/** Its first sentence; the rest when somebody asks for it. */
function Description({ id, text }: { id: string; text: string }) {
  const end = text.indexOf('. ') + 1
  if (end === 0)
    return (
      <p id={id} className="preset-text">
        {text}
      </p>
    )
  return (
    <details className="preset-text">
      <summary id={id}>{text.slice(0, end)}</summary>
      <p>{text.slice(end + 1)}</p>
    </details>
  )
}

const countText = (count: number) => (count === 1 ? 'one setting' : `${count} settings`)
