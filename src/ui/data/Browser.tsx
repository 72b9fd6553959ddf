/** The images of one data set, page by page, by split and class, with a run's label noise; one of them augmented. */
import { NativeSelect, SegmentedControl } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { DatasetEntry, PreviewImage, PreviewPage, PreviewRequest } from '../../worker/dataProtocol'
import { formatCount } from '../format'
import { Pager } from '../panels/Pager'
import { askData, formConfig } from '../store/dataStore'
import { useLab } from '../store/labStore'
import { Augmented } from './Augmented'
import { ClassBalance } from './ClassBalance'
import { PixelImage } from './PixelImage'

const PER_PAGE = 60

type View = PreviewRequest['view']

export function Browser({ entry }: { entry: DatasetEntry }) {
  const [view, setView] = useState<View>('train')
  const [label, setLabel] = useState<number>()
  const [offset, setOffset] = useState(0)
  const [page, setPage] = useState<PreviewPage>()
  const [place, setPlace] = useState<number>()
  const noise = useLab((lab) => lab.config.label_noise)
  const { name } = entry

  useEffect(() => {
    let current = true
    setPlace(undefined)
    const request: PreviewRequest = { name, view, label, offset, count: PER_PAGE, config: formConfig() }
    void askData((api) => api.preview(request)).then((next) => {
      if (current) setPage(next)
    })
    return () => {
      current = false
    }
  }, [name, view, label, offset])

  const choose = (change: { view?: View; label?: number | undefined }) => {
    setOffset(0)
    if ('view' in change && change.view) setView(change.view)
    if ('label' in change) setLabel(change.label)
  }
  const counts = view === 'test' ? entry.classCounts?.test : entry.classCounts?.train
  const wrong = page?.images.filter(({ trueLabel }) => trueLabel !== undefined).length ?? 0
  return (
    <section className="card" aria-labelledby="browser-title">
      <h2 id="browser-title">{entry.title}: images</h2>
      <div className="row browser-controls">
        <SegmentedControl
          aria-label="Which images"
          size="xs"
          value={view}
          onChange={(value) => choose({ view: value as View })}
          data={[
            { value: 'train', label: 'Training' },
            { value: 'test', label: 'Test' },
            { value: 'run', label: 'The run’s, with noise' },
          ]}
        />
        <NativeSelect
          aria-label="Class"
          size="xs"
          value={label === undefined ? '' : String(label)}
          onChange={(event) => {
            const { value } = event.currentTarget
            choose({ label: value === '' ? undefined : Number(value) })
          }}
          data={[
            { value: '', label: 'All classes' },
            ...entry.classNames.map((title, i) => ({ value: String(i), label: title })),
          ]}
        />
        {page && (
          <Pager className="pager" offset={offset} perPage={PER_PAGE} total={page.total} onOffset={setOffset}>
            <span>
              {page.total === 0
                ? 'none'
                : `${formatCount(offset + 1)} to ${formatCount(offset + page.images.length)} of ${formatCount(page.total)}`}
            </span>
          </Pager>
        )}
      </div>
      {view === 'run' && (
        <p className="quiet">
          The images that the settings on the Train page draw, with their label noise of{' '}
          {Math.round(100 * noise)} %.
          {wrong > 0 && ` On this page ${wrong} carry a wrong label: the right one is struck out.`}
        </p>
      )}
      <div className="browser-layout">
        <div>
          {page ? (
            <Grid page={page} classNames={entry.classNames} selected={place} onSelect={setPlace} />
          ) : (
            <p className="quiet">Reading …</p>
          )}
          {page && place !== undefined && page.images[place] && (
            <Augmented
              key={`${name} ${view} ${label} ${offset} ${place}`}
              place={place}
              title={labelText(page.images[place], entry.classNames)}
            />
          )}
        </div>
        {counts && view !== 'run' && (
          <ClassBalance
            classNames={entry.classNames}
            counts={counts}
            selected={label}
            onSelect={(next) => choose({ label: next })}
          />
        )}
      </div>
    </section>
  )
}

interface GridProps {
  page: PreviewPage
  classNames: readonly string[]
  selected: number | undefined
  onSelect(place: number): void
}

function Grid({ page, classNames, selected, onSelect }: GridProps) {
  const { width, height, images } = page
  return (
    <div className="image-grid">
      {images.map((image, place) => (
        <button
          // biome-ignore lint/suspicious/noArrayIndexKey: a place on the page is its index
          key={place}
          type="button"
          className="image-cell"
          aria-pressed={place === selected}
          aria-label={`${labelText(image, classNames)}, image ${page.offset + place + 1}`}
          onClick={() => onSelect(place)}
        >
          <PixelImage rgba={image.rgba} width={width} height={height} />
          <span className="image-label" data-wrong={image.trueLabel !== undefined}>
            {classNames[image.label]}
            {image.trueLabel !== undefined && <s>{classNames[image.trueLabel]}</s>}
          </span>
        </button>
      ))}
    </div>
  )
}

function labelText({ label, trueLabel }: PreviewImage, classNames: readonly string[]): string {
  return trueLabel === undefined
    ? classNames[label]
    : `${classNames[label]}, wrong, rightly ${classNames[trueLabel]}`
}
