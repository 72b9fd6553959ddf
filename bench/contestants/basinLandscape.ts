/** What points of surfaces cost, of a pair that has trained a little. */
import { sliceImages } from '../../src/core/data/selection/sliceImages'
import { LossProbe } from '../../src/core/landscape/lossProbe'
import { DEFAULT_MEASURE_SETTINGS } from '../../src/core/landscape/measures/info'
import { sliceSurface } from '../../src/core/landscape/measures/surface'
import type { SliceTarget } from '../../src/core/landscape/slice'
import { Session } from '../../src/core/session/session'
import type { SurfaceSizes } from '../sections/curvature'
import type { LandscapeRates } from '../sections/landscape'
import { openWorkload } from './basinSession'
import { repeat } from './repeat'

const POINTS_WARM_UP = 2
/** Points a side; the first is what the page takes by itself. */
const SIDES = [21, 41] as const
/** Turns of the two sizes; which of them is first changes from turn to turn. */
const TURNS = 8

/** @param workload with the 1,000 images */
export async function landscape(workload: string, batch: number, seconds: number): Promise<LandscapeRates> {
  const pair = await openPair(workload, batch)
  const { session } = pair
  const { count: steps, ms: pairStepMs } = await repeat(seconds / 2, async () => {
    await session.train({ until: session.step + 1 })
  })
  const { ms: pointMs, points } = await pointsOf(await pair.targets(), SIDES[0], seconds / 2)
  pair.dispose()
  return { pointMs, points, pairStepMs, steps }
}

/** Points of two sizes in turn. */
export async function surfaceSizes(workload: string, batch: number, seconds: number): Promise<SurfaceSizes> {
  const pair = await openPair(workload, batch)
  const targets = await pair.targets()
  const times: SurfaceSizes = { coarse: [], fine: [] }
  for (let turn = 0; turn < TURNS; turn++) {
    for (const side of turn % 2 === 0 ? SIDES : SIDES.toReversed()) {
      const { ms } = await pointsOf(targets, side, seconds / (2 * TURNS))
      times[side === SIDES[0] ? 'coarse' : 'fine'].push(ms)
    }
  }
  pair.dispose()
  return times
}

async function openPair(workload: string, batch: number) {
  const { dataset, network, ...opened } = await openWorkload(workload, 0.05, batch)
  const config = { ...opened.config, runs: 'sam_rho:0;' }
  const session = new Session({ config, dataset, network })
  await session.train({ until: 2 })
  const probes: LossProbe[] = []
  return {
    session,
    async targets(): Promise<SliceTarget[]> {
      const indices = sliceImages(dataset.train.count, dataset.train.count, config.run_seed)
      const probe = await LossProbe.open(network, config, dataset, indices)
      probes.push(probe)
      return session.runs.map(({ key, evaluated }) => ({
        key,
        config,
        network,
        dataset,
        probe,
        ...evaluated,
      }))
    },
    dispose() {
      for (const probe of probes) probe.dispose()
      session.dispose()
    },
  }
}

/** As many points of a surface as there is time for. @returns ms each, after the first */
async function pointsOf(targets: readonly SliceTarget[], side: number, seconds: number) {
  const abort = new AbortController()
  let started = 0
  let first = 0
  let done = 0
  let ended = 0
  // Progress comes with what was read: the times are of finished points.
  await sliceSurface({
    targets,
    settings: { ...DEFAULT_MEASURE_SETTINGS, points_2d: side, num_images: targets[0].dataset.train.count },
    signal: abort.signal,
    onProgress(progress) {
      const now = performance.now()
      if (started === 0 && progress.done >= POINTS_WARM_UP) {
        started = now
        first = progress.done
      }
      if (started === 0 || progress.done === done) return
      done = progress.done
      ended = now
      if (now - started > seconds * 1000 && done > first) abort.abort()
    },
  })
  return { ms: (ended - started) / (done - first), points: done - first }
}
