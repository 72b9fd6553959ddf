/** From a checkpoint of a kept run on, under other settings: which checkpoint, which settings. */
import { Button, Group, Modal, NativeSelect, Text, TextInput } from '@mantine/core'
import { useEffect, useState } from 'react'
import { flagText, readFlag } from '../../core/config/flags'
import { mayDiffer } from '../../core/config/runList'
import { FIELD_NAMES, type FieldName, fieldMeta, type RunConfig } from '../../core/config/schema'
import { LANE_FIELDS } from '../../core/runs/laneFields'
import type { ListedRun } from '../../worker/libraryProtocol'
import { formatCount } from '../format'
import { forkRun } from '../store/commands'
import { checkpointsOf } from '../store/libraryStore'

interface ForkDialogProps {
  /** Undefined: closed. */
  run: ListedRun | undefined
  onClose(): void
}

export function ForkDialog({ run, onClose }: ForkDialogProps) {
  return (
    <Modal opened={run !== undefined} onClose={onClose} title={`Fork ${run?.record.name}`} centered>
      {run && <ForkForm key={run.record.id} run={run} onClose={onClose} />}
    </Modal>
  )
}

interface Changed {
  name: FieldName | ''
  text: string
}

function ForkForm({ run, onClose }: { run: ListedRun; onClose(): void }) {
  const { id, config, stepsPerEpoch } = run.record
  const [steps, setSteps] = useState<readonly number[]>()
  const [step, setStep] = useState<number>()
  const [changed, setChanged] = useState<readonly Changed[]>([{ name: '', text: '' }])
  useEffect(() => {
    void checkpointsOf(id).then((found) => {
      setSteps(found)
      setStep(found.at(-1))
    })
  }, [id])
  const reading = readChanges(changed)
  const change = (i: number, next: Changed) => {
    const all = changed.map((one, k) => (k === i ? next : one))
    setChanged(all.every(({ name }) => name !== '') ? [...all, { name: '', text: '' }] : all)
  }
  const fork = () => {
    if (step === undefined || !reading.ok) return
    onClose()
    location.hash = '#train'
    void forkRun(id, step, { ...config, ...reading.changes, runs: '' })
  }
  if (steps?.length === 0) return <Text>Its checkpoints are gone: only its curves are kept.</Text>
  return (
    <div className="more-runs">
      <NativeSelect
        label="From the checkpoint of"
        value={String(step ?? '')}
        data={(steps ?? []).map((at) => ({
          value: String(at),
          label: `step ${formatCount(at)}, epoch ${(at / stepsPerEpoch).toFixed(1)}`,
        }))}
        onChange={(event) => setStep(Number(event.currentTarget.value))}
      />
      {changed.map(({ name, text }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the place in the list
        <div key={i} className="forked-setting">
          <NativeSelect
            label={i === 0 ? 'Other than it was' : undefined}
            aria-label={`Setting ${i + 1}`}
            value={name}
            data={[{ value: '', label: 'nothing' }, ...FORKABLE]}
            onChange={(event) => {
              const next = event.currentTarget.value as FieldName | ''
              change(i, { name: next, text: next ? flagText(config[next]) : '' })
            }}
          />
          {name !== '' && (
            <TextInput
              aria-label={fieldMeta(name).label}
              value={text}
              onChange={(event) => change(i, { name, text: event.currentTarget.value })}
            />
          )}
        </div>
      ))}
      {!reading.ok && (
        <Text c="red" size="sm">
          {reading.message}
        </Text>
      )}
      <Text size="sm" c="dimmed">
        Data, network, batches and seed stay as they were, so that what differs is what you change.
      </Text>
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button disabled={step === undefined || !reading.ok} onClick={fork}>
          Fork and train
        </Button>
      </Group>
    </div>
  )
}

type Reading = { ok: true; changes: Partial<RunConfig> } | { ok: false; message: string }

function readChanges(changed: readonly Changed[]): Reading {
  const changes: Record<string, unknown> = {}
  for (const { name, text } of changed) {
    if (name === '') continue
    const reading = readFlag(name, text)
    if (!reading.ok) return { ok: false, message: reading.message }
    changes[name] = reading.value
  }
  return { ok: true, changes }
}

const FORKABLE = FIELD_NAMES.filter(
  (name) => mayDiffer(name) && !LANE_FIELDS.includes(name) && !fieldMeta(name).cliOnly,
).map((name) => ({ value: name, label: fieldMeta(name).label }))
