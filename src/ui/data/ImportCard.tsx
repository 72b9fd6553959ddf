/** Data in: a place to drop files, what they were recognised as, progress, and what went wrong. */
import { Alert, Button, NativeSelect, NumberInput, TextInput } from '@mantine/core'
import { IconFolder, IconUpload } from '@tabler/icons-react'
import { bytesText } from '../../base/units'
import type { ImportPreview } from '../../worker/dataProtocol'
import { Bar } from '../controls/Progress'
import { FileChooser } from '../files/FileChooser'
import { useDrop } from '../files/useDrop'
import { formatCount, formatSeconds } from '../format'
import { ProblemAlert } from '../panels/ProblemAlert'
import { cancelImport, examine, importExamined, reconsider, useData } from '../store/dataStore'
import { chosenFiles, droppedFiles } from './pickedFiles'

export function ImportCard() {
  const { busy, preview, problem, done } = useData()
  return (
    <section className="card import-card" aria-labelledby="import-title">
      <h2 id="import-title">Import</h2>
      {!busy && !preview && <DropZone />}
      {busy && <Progress />}
      {!busy && preview && <Examined preview={preview} />}
      {problem && <ProblemAlert problem={problem} onClose={() => useData.setState({ problem: undefined })} />}
      {done && (
        <Alert role="note" withCloseButton onClose={() => useData.setState({ done: undefined })}>
          {done}
        </Alert>
      )}
    </section>
  )
}

function DropZone() {
  const drop = useDrop((transfer) => {
    void droppedFiles(transfer).then(examine, (error: Error) =>
      useData.setState({
        problem: { code: 'storage', message: `drop: ${error.message}`, remedy: 'Use the buttons.' },
      }),
    )
  })
  const take = (files: FileList | null) => void examine(chosenFiles(files))
  return (
    <div className="drop-zone" {...drop}>
      <p>
        Drop an official archive here, or a folder of images: &lt;split&gt;/&lt;class&gt;/* or &lt;class&gt;/*
      </p>
      <div className="button-row">
        <FileChooser label="Data files" onFiles={take}>
          {(open) => (
            <Button variant="default" leftSection={<IconUpload size={16} aria-hidden />} onClick={open}>
              Choose files
            </Button>
          )}
        </FileChooser>
        <FileChooser label="Data folder" kind="folder" onFiles={take}>
          {(open) => (
            <Button variant="default" leftSection={<IconFolder size={16} aria-hidden />} onClick={open}>
              Choose a folder
            </Button>
          )}
        </FileChooser>
      </div>
      <p className="quiet">
        CIFAR-10 and -100 (binary .tar.gz), SVHN (.mat), MNIST-like (IDX), ImageNet, Flowers, Pets, Aircraft,
        Food-101, Cars, Birdsnap, any images. Nothing leaves this machine.
      </p>
    </div>
  )
}

const PHASES = {
  checking: 'Looking at the files and their checksums',
  waiting: 'Waiting for another tab’s import to end',
  importing: 'Importing',
} as const

function Progress() {
  const status = useData((data) => data.status)
  const busy = useData((data) => data.busy)
  const phase = status?.phase ?? (busy === 'importing' ? 'importing' : 'checking')
  const facts = status ? factsOf(status) : ''
  return (
    <div className="row import-progress">
      <div className="import-progress-bar">
        <span>
          {PHASES[phase]}
          {facts && `: ${facts}`}
        </span>
        <Bar
          label={PHASES[phase]}
          value={status?.bytesDone ?? 0}
          max={Math.max(1, status?.bytesTotal ?? 1)}
          text={facts || PHASES[phase]}
          color="var(--mantine-primary-color-filled)"
        />
      </div>
      <Button variant="default" onClick={() => void cancelImport()}>
        Cancel
      </Button>
    </div>
  )
}

function factsOf(status: NonNullable<ReturnType<typeof useData.getState>['status']>): string {
  const { phase, bytesDone, bytesTotal, imagesDone, imagesTotal, bytesPerSecond, secondsLeft } = status
  if (phase === 'waiting') return ''
  const facts = [`${bytesText(bytesDone)} of ${bytesText(bytesTotal)}`]
  if (imagesTotal > 0) facts.push(`${formatCount(imagesDone)} of ${formatCount(imagesTotal)} images`)
  if (bytesPerSecond > 0) facts.push(`${bytesText(bytesPerSecond)}/s`, `${formatSeconds(secondsLeft)} left`)
  return facts.join(', ')
}

function Examined({ preview }: { preview: ImportPreview }) {
  const { title, numTrain, numTest, numClasses, bytes, height, width, verification, note, numSkipped } =
    preview
  return (
    <div className="examined">
      <p>
        <strong>{title}</strong>: {formatCount(numTrain)} training and {formatCount(numTest)} test images of{' '}
        {formatCount(numClasses)} classes, {height} × {width}. They will take {bytesText(bytes)} of this
        browser’s storage{preview.encoding === 'jpeg' ? ', at most, as JPEGs' : ''}
        {preview.replaces ? `, in place of the ${preview.name} that is here` : ''}.
        {numSkipped > 0 && ` Passed over: ${formatCount(numSkipped)}.`}
      </p>
      {verification === 'differs' ? (
        <Alert color="orange" title="This is not the official archive">
          {note}
        </Alert>
      ) : (
        <p className="quiet">{note}</p>
      )}
      <div className="import-settings">
        <TextInput
          name="import_name"
          label="Name"
          defaultValue={preview.name}
          key={preview.name}
          onBlur={(event) => {
            if (event.currentTarget.value !== preview.name)
              void reconsider({ name: event.currentTarget.value.trim() })
          }}
        />
        {preview.pictures && (
          <NumberInput
            name="image_size"
            label="Stored size, pixels"
            defaultValue={height}
            key={height}
            min={8}
            max={512}
            allowDecimal={false}
            onBlur={(event) => {
              const size = Number(event.currentTarget.value)
              if (size !== height) void reconsider({ imageSize: size })
            }}
          />
        )}
        {preview.pictures && (
          <NativeSelect
            name="store"
            label="Stored as"
            value={preview.encoding}
            data={[
              { value: 'raw', label: 'pixels: exact, fastest' },
              { value: 'jpeg', label: 'JPEGs: a seventh of the room' },
            ]}
            onChange={(event) => void reconsider({ encoding: event.currentTarget.value as 'raw' | 'jpeg' })}
          />
        )}
        {preview.name.startsWith('cifar100') && (
          <NativeSelect
            name="labels"
            label="Labels"
            value={preview.settings.labels}
            data={[
              { value: 'fine', label: '100 fine classes' },
              { value: 'coarse', label: '20 coarse classes' },
            ]}
            onChange={(event) =>
              void reconsider({ labels: event.currentTarget.value as 'fine' | 'coarse', name: '' })
            }
          />
        )}
      </div>
      <div className="button-row">
        <Button onClick={() => void importExamined()}>
          {verification === 'differs' ? 'Import anyway' : 'Import'}
        </Button>
        <Button variant="default" onClick={() => void cancelImport()}>
          Cancel
        </Button>
      </div>
    </div>
  )
}
