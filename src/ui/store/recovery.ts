/**
 * A GPU that is lost while it trains: a new worker takes a new device of the same kind and goes on from the newest
 * checkpoints, by itself. Where that fails twice before another checkpoint is reached, it stops and says so.
 */
import type { Reply } from '../../base/reply'
import type { InitOptions, KeepingNews, LabApi, LabEvent } from '../../worker/protocol'
import { formatCount } from '../format'
import { applyEvent } from './events'
import { currentStep, useLab } from './labStore'
import { replacedWorker, whenGpuLost } from './labWorker'

type Loss = Extract<LabEvent, { type: 'state' }>

const MOST_TRIES = 2
/** A GPU process that died is there again after a second or two. */
const DEVICE_TRIES = 5
const DEVICE_WAIT_MS = 1000

/** Tries since a checkpoint was reached, and where the runs stood then. */
let tries = 0
let triedAt = -1

/** Training has failed, of what may be the loss that is not noticed yet. */
let failedTraining = false

/** From here on a lost GPU is looked after. */
export function mendLostGpus(): void {
  useLab.subscribe(({ state }, before) => {
    if (state !== before.state) failedTraining = state === 'failed' && before.state === 'training'
  })
  whenGpuLost((loss) => {
    const { state, keeping, session } = useLab.getState()
    const complete = session?.runs.every(({ key }) => key in (keeping?.runs ?? {}))
    if (!keeping || !complete || !(state === 'training' || state === 'loading' || failedTraining))
      return false
    void goOn(loss, keeping, currentStep(useLab.getState()))
    return true
  })
}

async function goOn(loss: Loss, keeping: KeepingNews, lostAt: number): Promise<void> {
  const { device } = useLab.getState()
  const keptTo = Math.min(...Object.values(keeping.runs).map(({ step }) => step))
  if (keptTo > triedAt) tries = 0
  triedAt = keptTo
  useLab.setState({
    state: 'loading',
    problem: undefined,
    loading: undefined,
    pausing: false,
    evaluating: undefined,
    tuning: undefined,
  })
  while (tries < MOST_TRIES) {
    tries++
    const worker = await newDevice(device?.backend)
    const ids = Object.values(keeping.runs).map(({ id }) => id)
    const reply = worker?.ok ? await worker.value.continue(ids) : undefined
    if (reply?.ok) {
      useLab.setState({ recovered: sentence(lostAt, keptTo) })
      return
    }
  }
  applyEvent({ ...loss, error: loss.error && { ...loss.error, remedy: GIVEN_UP } })
  // What was kept before the loss can still be gone on with.
  useLab.setState({ keeping })
}

/** Of the kind that was lost: on another the numbers would be others. */
async function newDevice(prefer: InitOptions['prefer']): Promise<Reply<LabApi> | undefined> {
  let worker: Reply<LabApi> | undefined
  for (let i = 0; i < DEVICE_TRIES; i++) {
    worker = await replacedWorker({ prefer }).catch(() => undefined)
    if (worker?.ok) break
    await new Promise((resolve) => setTimeout(resolve, DEVICE_WAIT_MS))
  }
  return worker
}

const GIVEN_UP =
  'A new device was tried twice and did not last. Close other tabs that use the GPU, then Continue; the runs are kept up to their last checkpoint.'

const sentence = (lostAt: number, keptTo: number) =>
  `The GPU was lost at step ${formatCount(lostAt)}. A new one goes on from step ${formatCount(keptTo)}, which was kept; nothing else is lost.`
