/** What is here: one row per data set, the storage it takes, and its deletion after a question. Damaged sets last. */
import { Button, Group, Modal, Text } from '@mantine/core'
import { useState } from 'react'
import { bytesText } from '../../base/units'
import type { DatasetEntry } from '../../worker/dataProtocol'
import { SmallButton } from '../charts/SmallButton'
import { formatCount } from '../format'
import { removeDataset, useData } from '../store/dataStore'

const VERIFIED: Record<DatasetEntry['verification'], string> = {
  verified: 'Official checksum',
  unknown: 'No checksum known',
  differs: 'Not the official archive',
}

interface StoredSetsProps {
  selected: string | undefined
  onSelect(name: string): void
}

export function StoredSets({ selected, onSelect }: StoredSetsProps) {
  const datasets = useData((data) => data.datasets)
  const damaged = useData((data) => data.damaged)
  const [doomed, setDoomed] = useState<Doomed>()
  return (
    <section className="card" aria-labelledby="stored-title">
      <h2 id="stored-title">Data sets here</h2>
      <StorageLine />
      {!datasets && <p className="quiet">Looking …</p>}
      <ul className="plain-list sets">
        {datasets?.map((entry) => (
          <li key={entry.name} data-selected={entry.name === selected}>
            <div className="row set-head">
              <h3>{entry.title}</h3>
              <code>{entry.name}</code>
            </div>
            <p>
              {formatCount(entry.numTrain)} training and {formatCount(entry.numTest)} test images,{' '}
              {entry.height} × {entry.width} × {entry.channels}, {formatCount(entry.classNames.length)}{' '}
              classes
            </p>
            <p className="quiet">
              {entry.bundled
                ? 'Comes with Basin'
                : `${bytesText(entry.bytes)}, imported ${entry.importedAt?.slice(0, 10)} from ${entry.origin.join(', ')}`}
              {' · '}
              <span className="verification" data-verification={entry.verification} title={entry.note}>
                {VERIFIED[entry.verification]}
              </span>
              {' · '}Licence: {entry.licence}
            </p>
            {entry.numSkipped > 0 && <Skipped entry={entry} />}
            <div className="button-row">
              <SmallButton
                aria-pressed={entry.name === selected}
                aria-label={`Browse ${entry.title}`}
                onClick={() => onSelect(entry.name)}
              >
                Browse
              </SmallButton>
              {!entry.bundled && (
                <SmallButton aria-label={`Delete ${entry.title}`} onClick={() => setDoomed(doomedBy(entry))}>
                  Delete
                </SmallButton>
              )}
            </div>
          </li>
        ))}
        {damaged?.map(({ name, reason }) => (
          <li key={`damaged ${name}`}>
            <div className="row set-head">
              <h3>Damaged data set</h3>
              <code>{name}</code>
            </div>
            <p>{reason}. It can only be deleted; to have it again, import its files again.</p>
            <div className="button-row">
              <SmallButton
                aria-label={`Delete ${name}, damaged`}
                onClick={() => setDoomed({ name, title: name, loss: 'What is left of it goes' })}
              >
                Delete
              </SmallButton>
            </div>
          </li>
        ))}
      </ul>
      <Modal
        opened={doomed !== undefined}
        onClose={() => setDoomed(undefined)}
        title={`Delete ${doomed?.title}?`}
        centered
      >
        <Text mb="md">
          {doomed?.loss} from this browser; to have the images again, import the files again. Runs that
          trained on it stay.
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={() => setDoomed(undefined)} data-autofocus>
            Keep
          </Button>
          <Button
            onClick={() => {
              if (doomed) void removeDataset(doomed.name)
              setDoomed(undefined)
            }}
          >
            Delete
          </Button>
        </Group>
      </Modal>
    </section>
  )
}

/** A set that a person is asked about. */
interface Doomed {
  name: string
  title: string
  /** What goes with it: the beginning of a sentence. */
  loss: string
}

const doomedBy = ({ name, title, bytes }: DatasetEntry): Doomed => ({
  name,
  title,
  loss: `Its images (${bytesText(bytes)}) go`,
})

const passedOver = (count: number) =>
  count === 1 ? '1 file was passed over' : `${formatCount(count)} files were passed over`

function Skipped({ entry }: { entry: DatasetEntry }) {
  return (
    <details>
      <summary>{passedOver(entry.numSkipped)}</summary>
      <ul className="skipped">
        {entry.skipped.map(({ path, reason }) => (
          <li key={`${path} ${reason}`}>
            {path}: {reason}
          </li>
        ))}
      </ul>
    </details>
  )
}

function StorageLine() {
  const storage = useData((data) => data.storage)
  if (!storage) return null
  const { usage, quota, persisted } = storage
  const kept =
    persisted === undefined
      ? ''
      : persisted
        ? ' Storage is persistent: the browser keeps it until you clear it.'
        : ' Storage is not persistent: the browser may clear it when the disk runs short. It is asked on the first import.'
  return (
    <p className="quiet">
      {bytesText(usage)} of {bytesText(quota)} that this browser grants are used.{kept}
    </p>
  )
}
