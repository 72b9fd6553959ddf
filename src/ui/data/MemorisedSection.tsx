/** The images whose wrong label one run has learned by heart and another has not. */
import { useEffect, useMemo, useState } from 'react'
import type { LabState, StoredImages, ValuesOf } from '../../worker/protocol'
import { SmallButton } from '../charts/SmallButton'
import { formatCount } from '../format'
import { Pager } from '../panels/Pager'
import { type ShownRun, shownRuns } from '../runs/shownRuns'
import { compute, trainImages } from '../store/commands'
import { useLab } from '../store/labStore'
import { PixelImage } from './PixelImage'

/** Whole rows of the grid, in whatever columns. */
const PER_PAGE = 12
/** A session has the runs, and with them their data. */
const STANDS: readonly LabState[] = ['training', 'paused', 'finished', 'stopped']

type Values = ValuesOf<'memorised'>

export default function MemorisedSection() {
  const runs = useLab(shownRuns)
  const findings = useLab((lab) => lab.findings.memorised)
  const busy = useLab(({ state, job }) => job !== undefined || state === 'training' || state === 'loading')
  const trained = useLab((lab) => lab.session !== undefined)
  const noisy = runs.some(({ info, config }) =>
    info ? info.data.numWrongLabels > 0 : config.label_noise > 0,
  )
  if (!noisy) return null
  const [one, other] = pairOf(runs)
  const [learned, resisted] = [findings?.[one.key]?.values, findings?.[other.key]?.values]
  return (
    <section className="card memorised" aria-labelledby="memorised-title">
      <h2 id="memorised-title">
        Wrong labels that <span style={{ color: one.textColor }}>{one.label}</span> learned by heart
        {one !== other && (
          <>
            {' '}
            and <span style={{ color: other.textColor }}>{other.label}</span> did not
          </>
        )}
      </h2>
      {learned && resisted && !learned.predicted.some(Number.isNaN) ? (
        <Images one={one} other={other} learned={learned} resisted={resisted} />
      ) : (
        <div className="memorised-ask">
          <SmallButton disabled={busy || !trained} onClick={() => void compute('memorised')}>
            Show the images
          </SmallButton>
        </div>
      )}
    </section>
  )
}

/** The first that takes the slope where it stands, else the first; and the first that looks uphill, else the last. */
function pairOf(runs: readonly ShownRun[]): [ShownRun, ShownRun] {
  const one = runs.find(({ config }) => config.sam_rho === 0) ?? runs[0]
  const other = runs.find((run) => run.config.sam_rho > 0 && run !== one) ?? runs[runs.length - 1]
  return [one, other]
}

interface ImagesProps {
  one: ShownRun
  other: ShownRun
  learned: Values
  resisted: Values
}

/** Images with what was found of them then: what is found anew meanwhile may be of others. */
interface ShownPage {
  places: readonly number[]
  learned: Values
  resisted: Values
  stored: StoredImages
}

function Images({ one, other, learned, resisted }: ImagesProps) {
  const [offset, setOffset] = useState(0)
  const [page, setPage] = useState<ShownPage>()
  const places = useMemo(
    () => (one === other ? learnedBy(learned) : apart(learned, resisted)),
    [one, other, learned, resisted],
  )
  const { key } = one
  // A later finding may have fewer.
  const first = offset < places.length ? offset : 0
  // Of runs that no session has, there are findings and no data.
  const opened = useLab(({ state }) => STANDS.includes(state))
  useEffect(() => {
    if (!opened) return
    let current = true
    const shown = places.slice(first, first + PER_PAGE)
    const images = shown.map((at) => learned.image[at])
    void trainImages(key, images).then((stored) => {
      if (current && stored) setPage({ places: shown, learned, resisted, stored })
    })
    return () => {
      current = false
    }
  }, [places, learned, resisted, first, key, opened])
  const classNames = one.info?.data.classNames ?? []
  const name = (values: Values['given'], at: number) => classNames[values[at]] ?? String(values[at])
  if (places.length === 0)
    return <p className="quiet">None of the {formatCount(learned.image.length)} that were looked at.</p>
  return (
    <>
      <p className="quiet">
        {formatCount(places.length)} of the {formatCount(learned.image.length)} images with a wrong label that
        were looked at. Struck out is the label that they were trained with.
        {!opened && ' They are shown once the runs are continued or opened.'}
      </p>
      <div className="memorised-grid">
        {page?.stored.images.map((rgba, k) => {
          const at = page.places[k]
          const [given, right, says] = [
            name(page.learned.given, at),
            name(page.learned.right, at),
            name(page.resisted.predicted, at),
          ]
          return (
            <figure key={at} className="memorised-image">
              <PixelImage rgba={rgba} width={page.stored.width} height={page.stored.height} />
              <figcaption>
                <s>{given}</s> {right}
                {one !== other && (
                  <span className="memorised-says">
                    {one.label} says {given}, {other.label} {says}
                  </span>
                )}
              </figcaption>
            </figure>
          )
        })}
      </div>
      {places.length > PER_PAGE && (
        <Pager
          className="button-row"
          offset={first}
          perPage={PER_PAGE}
          total={places.length}
          onOffset={setOffset}
        />
      )}
    </>
  )
}

const places = (values: Values) => [...values.image.keys()]

const learnedBy = (values: Values) => places(values).filter((at) => values.predicted[at] === values.given[at])

/** Of two runs with the same images; those with other ones have none in common. */
function apart(learned: Values, resisted: Values): number[] {
  const same = learned.image.length === resisted.image.length
  return learnedBy(learned).filter(
    (at) => same && resisted.image[at] === learned.image[at] && resisted.predicted[at] !== resisted.given[at],
  )
}
