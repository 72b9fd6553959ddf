/** Back to the whole plane, and finer: what is known of it is not measured again. */
import { SmallButton } from '../charts/SmallButton'
import { useLab } from '../store/labStore'
import { canCompute, computeWith, WINDOWS, zoomTo } from './zoom'

const MOST_POINTS = 201

export function ZoomButtons({ id }: { id: keyof typeof WINDOWS }) {
  const zoomed = useLab((lab) => (lab.measureSettings[WINDOWS[id]] ?? '') !== '')
  const points = useLab((lab) => lab.measureSettings.points_2d ?? 0)
  const ready = useLab((lab) => canCompute(lab) && lab.findings[id] !== undefined)
  // A grid of n places is every other one of 2n − 1.
  const finer = 2 * (points % 2 === 0 ? points + 1 : points) - 1
  return (
    <>
      {zoomed && (
        <SmallButton disabled={!ready} onClick={() => zoomTo(id, undefined)}>
          Whole plane
        </SmallButton>
      )}
      <SmallButton
        disabled={!ready || finer > MOST_POINTS}
        onClick={() => computeWith(id, { points_2d: finer })}
      >
        Finer
      </SmallButton>
    </>
  )
}
