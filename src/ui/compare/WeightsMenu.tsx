/** Weights out and in: a menu per run and format, a file from the disk or dropped on the card. */
import { Button, Menu, Text } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import { type DragEvent, useRef, useState } from 'react'
import { useShallow } from 'zustand/react/shallow'
import { BasinError } from '../../base/errors'
import type { RunId } from '../../worker/protocol'
import { droppedFile } from '../files/dropped'
import { RUN_LABEL } from '../format'
import { exportWeights, fineTuneFrom, importWeights, showError } from '../store/commands'
import { shownRuns, useLab } from '../store/labStore'

const FORMATS = [
  { id: 'safetensors', label: 'safetensors' },
  { id: 'npz', label: '.npz' },
  { id: 'flax', label: 'Flax checkpoint' },
  { id: 'tfjs', label: 'TensorFlow.js (zip)' },
] as const

export function WeightsMenu() {
  const runs = useLab(useShallow(shownRuns))
  const hasWeights = useLab((lab) => lab.session !== undefined)
  const chooser = useRef<HTMLInputElement>(null)
  const target = useRef<RunId | 'pretrained'>(undefined)
  const [over, setOver] = useState(false)
  const busy = useLab(({ state, device }) => state === 'training' || state === 'loading' || !device)
  const take = (file: File | undefined) => {
    if (file && target.current === 'pretrained') void fineTuneFrom(file)
    else if (file) void importWeights((target.current as RunId) ?? runIn(file.name, runs), file)
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
        <Menu position="top-end">
          <Menu.Target>
            <Button variant="default" disabled={!hasWeights} rightSection={CHEVRON}>
              Export weights
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {runs.flatMap((run) =>
              FORMATS.map(({ id, label }) => (
                <Menu.Item key={`${run}${id}`} onClick={() => exportWeights(run, id)}>
                  {RUN_LABEL[run]} · {label}
                </Menu.Item>
              )),
            )}
          </Menu.Dropdown>
        </Menu>
        <Menu position="top-end">
          <Menu.Target>
            <Button variant="default" disabled={busy} rightSection={CHEVRON}>
              Import weights
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {runs.map((run) => (
              <Menu.Item
                key={run}
                onClick={() => {
                  target.current = run
                  chooser.current?.click()
                }}
              >
                As {RUN_LABEL[run]} …
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
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

/** The run a file's name speaks of; else the last of the page's. */
function runIn(filename: string, runs: readonly RunId[]): RunId {
  return runs.find((run) => filename.toLowerCase().includes(run)) ?? runs[runs.length - 1]
}
