/** More runs of the same settings, or of others: over seeds, and over values of one or two settings. */
import { Button, NativeSelect, NumberInput, TextInput } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import { useState } from 'react'
import { flagText } from '../../core/config/flags'
import { FIELD_NAMES, type FieldName, fieldMeta, type RunConfig } from '../../core/config/schema'
import { formRuns } from '../runs/shownRuns'
import { useLab } from '../store/labStore'
import { enqueue } from '../store/queue'
import { MOST_AT_ONCE, type SweptSetting, sweepConfigs } from './sweep'
import { sweepFile } from './sweepFile'
import { usePicked } from './usePicked'

const NONE = { name: '', text: '' } as const

export function MoreRuns() {
  const form = useLab((lab) => lab.config)
  const picked = usePicked().filter(({ record }) => !record.curvesOnly)
  const [from, setFrom] = useState<'form' | 'picked'>('form')
  const [seeds, setSeeds] = useState<number | string>(5)
  const [swept, setSwept] = useState<readonly { name: string; text: string }[]>([NONE, NONE])
  const ofPicked = from === 'picked' && picked.length > 0
  const base: RunConfig = ofPicked ? picked[0].record.config : form
  const settings = swept.filter((one): one is SweptSetting => one.name !== '')
  const reading = sweepConfigs({ base, seeds: Number(seeds), settings })
  const file = sweepFile({ base, seeds: Number(seeds), settings })
  const clipboard = useClipboard()
  const count = reading.ok ? reading.configs.length * formRuns(base).length : 0
  const change = (i: number, changes: Partial<SweptSetting>) =>
    setSwept((before) => before.map((one, k) => (k === i ? { ...one, ...changes } : one)))
  return (
    <div className="more-runs">
      <div className="more-runs-fields">
        <NativeSelect
          label="Settings of"
          size="xs"
          value={ofPicked ? 'picked' : 'form'}
          data={[
            { value: 'form', label: 'the Train page' },
            ...(picked.length > 0 ? [{ value: 'picked', label: picked[0].record.name }] : []),
          ]}
          onChange={(event) => setFrom(event.currentTarget.value as 'form' | 'picked')}
        />
        <NumberInput
          label="Seeds"
          size="xs"
          min={1}
          max={MOST_AT_ONCE}
          allowDecimal={false}
          value={seeds}
          onChange={setSeeds}
        />
        {swept.map(({ name, text }, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the first and the second setting
          <div key={i} className="swept">
            <NativeSelect
              label={i === 0 ? 'Values of' : 'and of'}
              size="xs"
              value={name}
              data={[{ value: '', label: 'nothing' }, ...SWEEPABLE]}
              onChange={(event) => {
                const next = event.currentTarget.value
                change(i, { name: next as FieldName, text: next ? flagText(base[next as FieldName]) : '' })
              }}
            />
            {name !== '' && (
              <TextInput
                label="values"
                size="xs"
                placeholder="0 0.05 0.2"
                value={text}
                onChange={(event) => change(i, { text: event.currentTarget.value })}
              />
            )}
          </div>
        ))}
      </div>
      <div className="button-row">
        <Button size="xs" disabled={!reading.ok} onClick={() => reading.ok && enqueue(reading.configs)}>
          {count === 1 ? 'Run 1' : settings.length > 0 ? `Run ${count}` : `Run ${seeds} seeds`}
        </Button>
        <Button size="xs" variant="default" disabled={!file} onClick={() => clipboard.copy(file)}>
          {clipboard.copied ? 'Copied' : 'Copy as sweep.json'}
        </Button>
        <span className="picked-count">
          {reading.ok
            ? `${count === 1 ? '1 run' : `${count} runs`}, one after the other, seeds from ${base.run_seed} on.`
            : reading.message}
        </span>
      </div>
    </div>
  )
}

/** What changes a run's numbers. */
const SWEEPABLE = FIELD_NAMES.filter(
  (name) =>
    name !== 'runs' && name !== 'run_seed' && !fieldMeta(name).harmless && fieldMeta(name).group !== 'files',
).map((name) => ({ value: name, label: fieldMeta(name).label }))
