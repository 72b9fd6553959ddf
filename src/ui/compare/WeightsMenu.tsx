/** Weights out and in: a menu per run and format, a file from the disk or dropped on the card. */
import { Button, Text } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import { useRef } from 'react'
import { BasinError } from '../../base/errors'
import type { RunKey } from '../../worker/protocol'
import { droppedFile } from '../files/dropped'
import { FileChooser } from '../files/FileChooser'
import { useDrop } from '../files/useDrop'
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
  const target = useRef<RunKey | 'pretrained'>(undefined)
  const busy = useLab(({ state, device }) => state === 'training' || state === 'loading' || !device)
  const take = (file: File | undefined) => {
    if (file && target.current === 'pretrained') void fineTuneFrom(file)
    else if (file) void importWeights((target.current as RunKey) ?? runIn(file.name, runs), file)
    target.current = undefined
  }
  // The Import button is its keyboard way.
  const drop = useDrop((transfer) => {
    if (busy) showError(BUSY)
    else void droppedFile(transfer).then(take, showError)
  })
  return (
    <div className="weights" {...drop}>
      <FileChooser label="Weights file" kind="file" onFiles={(files) => take(files?.[0])}>
        {(open) => (
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
                  open()
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
                open()
              }}
            >
              Fine-tune from …
            </Button>
          </div>
        )}
      </FileChooser>
      <Text size="xs" c="dimmed">
        safetensors, .npz, or a Flax checkpoint of the reference, alone or in a .tar.gz. Files and folders of
        checkpoints can be dropped here, too.
      </Text>
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
