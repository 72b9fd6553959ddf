/** Weights out and in: a menu per run and format, a file from the disk or dropped on the card. */
import { Button, Text } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import { type DragEvent, useRef, useState } from 'react'
import { BasinError } from '../../base/errors'
import type { RunKey } from '../../worker/protocol'
import { droppedFile } from '../files/dropped'
import { ActionMenu } from '../panels/ActionMenu'
import { type ShownRun, shownRuns } from '../runs/shownRuns'
import { exportWeights, fineTuneFrom, importWeights, showError } from '../store/commands'
import { useLab } from '../store/labStore'

const FORMATS = [
  { id: 'safetensors', label: 'safetensors' },
  { id: 'npz', label: '.npz' },
  { id: 'flax', label: 'Flax checkpoint' },
  { id: 'tfjs', label: 'TensorFlow.js (zip)' },
] as const

export function WeightsMenu() {
  const runs = useLab(shownRuns)
  const hasWeights = useLab((lab) => lab.session !== undefined)
  const chooser = useRef<HTMLInputElement>(null)
  const target = useRef<RunKey | 'pretrained'>(undefined)
  const [over, setOver] = useState(false)
  const busy = useLab(({ state, device }) => state === 'training' || state === 'loading' || !device)
  const take = (file: File | undefined) => {
    if (file && target.current === 'pretrained') void fineTuneFrom(file)
    else if (file) void importWeights((target.current as RunKey) ?? runIn(file.name, runs), file)
    target.current = undefined
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    if (busy) showError(BUSY)
    else void droppedFile(event.dataTransfer).then(take, showError)
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping a file has the Import button as its keyboard way
    <div
      className="weights"
      data-over={over}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <div className="button-row">
        <ActionMenu
          label="Export weights"
          entries={runs.flatMap((run) =>
            FORMATS.map(({ id, label }) => ({
              label: `${run.label} · ${label}`,
              run: () => void exportWeights(run.key, id),
            })),
          )}
        >
          {(trigger) => (
            <Button {...trigger} variant="default" disabled={!hasWeights} rightSection={CHEVRON}>
              Export weights
            </Button>
          )}
        </ActionMenu>
        <ActionMenu
          label="Import weights"
          entries={runs.map(({ key, label }) => ({
            label: `As ${label} …`,
            run() {
              target.current = key
              chooser.current?.click()
            },
          }))}
        >
          {(trigger) => (
            <Button {...trigger} variant="default" disabled={busy} rightSection={CHEVRON}>
              Import weights
            </Button>
          )}
        </ActionMenu>
        <Button
          variant="default"
          disabled={busy}
          onClick={() => {
            target.current = 'pretrained'
            chooser.current?.click()
          }}
        >
          Fine-tune from …
        </Button>
      </div>
      <Text size="xs" c="dimmed">
        safetensors, .npz, or a Flax checkpoint of the reference, alone or in a .tar.gz. Files and folders of
        checkpoints can be dropped here, too.
      </Text>
      <input
        ref={chooser}
        type="file"
        hidden
        aria-label="Weights file"
        onChange={(event) => {
          take(event.currentTarget.files?.[0])
          event.currentTarget.value = ''
        }}
      />
    </div>
  )
}

const BUSY = new BasinError(
  'config',
  'weights: taken while no run trains or loads',
  'Pause or stop the run, then drop the file again.',
)
const CHEVRON = <IconChevronDown size={14} aria-hidden />

/** The run whose key a file's name has, the longest where it has several; else the last of the page's. */
function runIn(filename: string, runs: readonly ShownRun[]): RunKey {
  const named = runs.map(({ key }) => key).filter((key) => filename.toLowerCase().includes(key.toLowerCase()))
  return named.reduce((a, b) => (b.length > a.length ? b : a), '') || runs[runs.length - 1].key
}
