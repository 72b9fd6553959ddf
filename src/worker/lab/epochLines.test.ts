/** Lines while a session trains: they change nothing of it, take what they may, and end when somebody asks for it. */
import '@tensorflow/tfjs-backend-cpu'
import { beforeEach, describe, expect, it } from 'vitest'
import { DEFAULT_CONFIG, type RunConfig } from '../../core/config/schema'
import { Session } from '../../core/session/session'
import { syntheticDataset } from '../../core/session/synthetic.testing'
import { initBackend } from '../../engine/backend'
import * as tf from '../../engine/tf'
import type { DeviceInfo, EpochLinesNews } from '../protocol'
import { EpochLines, type EpochLinesOptions } from './epochLines'

beforeEach(async () => {
  await initBackend('cpu')
})

const WASM: Pick<DeviceInfo, 'backend'> = { backend: 'wasm' }
const CONFIG: RunConfig = {
  ...DEFAULT_CONFIG,
  mlp_layers: '12',
  batch_size: 16,
  num_epochs: 4,
  num_eval_examples: 24,
}

/** A session whose lines are told to `news`. @param at is asked where training is interrupted by hand */
function watched(
  options: Partial<EpochLinesOptions> = {},
  at: (session: Session, told: readonly EpochLinesNews[]) => void = () => {},
) {
  const news: EpochLinesNews[] = []
  let lines: EpochLines | undefined
  const open = () => {
    lines ??= new EpochLines({
      session,
      device: WASM,
      mostShare: Number.POSITIVE_INFINITY,
      tell: (one) => news.push(one),
      ...options,
    })
    return lines
  }
  const session: Session = new Session({
    config: CONFIG,
    dataset: syntheticDataset({ noise: 0.25 }),
    events: {
      restDue: () => open().due,
      atRest: (interrupted) => {
        at(session, news)
        return open().measure(interrupted)
      },
      onDisposed: () => lines?.dispose(),
    },
  })
  return { session, news }
}

const told = (news: readonly EpochLinesNews[]) =>
  news.flatMap(({ line }) => (line ? [`${line.run} ${line.epoch}`] : []))

async function end(session: Session) {
  const states = await Promise.all(session.runs.map(({ key }) => session.snapshot(key)))
  session.dispose()
  return states.map(({ theta, slots }) => ({ theta, slots }))
}

describe('the lines of epochs', () => {
  it('are of every run after every epoch, and change no bit of the training', async () => {
    const before = tf.memory().numTensors
    const { session, news } = watched()
    await session.train()
    expect(told(news)).toEqual(['sgd 1', 'sam 1', 'sgd 2', 'sam 2', 'sgd 3', 'sam 3', 'sgd 4', 'sam 4'])
    const [{ a, images, line }] = news
    expect([...a]).toHaveLength(11)
    expect([a[0], a[5], a[10]]).toEqual([-1, 0, 1])
    expect(images).toBe(64)
    expect(line?.loss.every(Number.isFinite)).toBe(true)
    const { share, passed } = news.at(-1)!
    expect(share).toBeGreaterThan(0)
    expect(news[3].share).toBe(0)
    expect(passed).toBe(0)
    const alone = new Session({ config: CONFIG, dataset: syntheticDataset({ noise: 0.25 }) })
    await alone.train()
    expect(await end(session)).toEqual(await end(alone))
    expect(tf.memory().numTensors).toBe(before)
  })

  it('are passed over where they would take more than they may', async () => {
    const { session, news } = watched({ mostShare: 0 })
    await session.train()
    // Two are for free, and the third tells what the next would take.
    expect(told(news)).toEqual(['sgd 1', 'sam 1', 'sgd 2', 'sam 2', 'sgd 3', 'sam 3'])
    expect(news.at(-1)?.passed).toBe(0)
    session.dispose()
  })

  it('end with a Pause, and are taken when training goes on', async () => {
    let paused: Promise<void> | undefined
    const { session, news } = watched({}, (one, soFar) => {
      if (told(soFar).length === 2) paused ??= one.pause()
    })
    expect(await session.train()).toBe('paused')
    await paused
    expect(told(news)).toEqual(['sgd 1', 'sam 1'])
    expect(await session.train()).toBe('finished')
    expect(told(news).slice(0, 4)).toEqual(['sgd 1', 'sam 1', 'sgd 2', 'sam 2'])
    expect(told(news)).toHaveLength(8)
    session.dispose()
  })

  it('are none in plain JavaScript, and that is said', async () => {
    const { session, news } = watched({ device: { backend: 'cpu' } })
    await session.train()
    expect(news).toHaveLength(1)
    expect(news[0].off).toMatch(/too slow/)
    session.dispose()
  })
})
