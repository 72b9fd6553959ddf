/** What a closed page left of the queue, opened again. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { DEFAULT_CONFIG } from '../../core/config/schema'

const commands = vi.hoisted(() => ({ continueRuns: vi.fn(), trainLab: vi.fn() }))
vi.mock('./commands', () => commands)

const left = (changes: object) =>
  JSON.stringify([{ id: 'a', config: DEFAULT_CONFIG, state: 'training', ...changes }])

/** The page with this in its storage. */
async function openPage(stored: string, navigator: object = {}) {
  vi.resetModules()
  vi.stubGlobal('localStorage', { getItem: () => stored, setItem: () => {} })
  vi.stubGlobal('navigator', navigator)
  const { useLab } = await import('./labStore')
  return { useLab, queue: await import('./queue') }
}

/** It is on a device, and Resume is pressed. @param standing settings of the runs that stand there, cut short */
async function resumed(stored: string, standing = { ...DEFAULT_CONFIG, run_seed: 9 }) {
  const { queue, useLab } = await openPage(stored)
  const session = { config: standing } as never
  useLab.setState({ state: 'interrupted', session, device: { backend: 'wasm' } as never })
  queue.pauseQueue(false)
  await vi.waitFor(() => expect(queue.useQueue.getState().items[0].state).not.toBe('waiting'))
  return queue.useQueue.getState().items
}

beforeEach(() => {
  commands.continueRuns.mockReset().mockResolvedValue(true)
  commands.trainLab.mockReset().mockResolvedValue(true)
})
afterEach(() => vi.unstubAllGlobals())

it('a run that was cut short goes on where it is kept', async () => {
  await resumed(left({ made: ['run-1', 'run-2'] }))
  expect(commands.continueRuns).toHaveBeenCalledWith(['run-1', 'run-2'])
  expect(commands.trainLab).not.toHaveBeenCalled()
})

it('one of which nothing is kept, or cannot be gone on with, is trained anew', async () => {
  await resumed(left({}))
  expect(commands.continueRuns).not.toHaveBeenCalled()
  expect(commands.trainLab).toHaveBeenCalledTimes(1)

  commands.continueRuns.mockResolvedValue(false)
  await resumed(left({ made: ['run-1'] }))
  expect(commands.continueRuns).toHaveBeenCalledTimes(1)
  await vi.waitFor(() => expect(commands.trainLab).toHaveBeenCalledTimes(2))
})

it('one goes on that was cut short before the page knew where it is kept', async () => {
  await resumed(left({ started: '2026-11-30' }), DEFAULT_CONFIG)
  expect(commands.continueRuns).toHaveBeenCalledWith()
  expect(commands.trainLab).not.toHaveBeenCalled()
})

it('one that had not begun is no other’s that stands there', async () => {
  await resumed(left({ state: 'waiting' }), DEFAULT_CONFIG)
  expect(commands.continueRuns).not.toHaveBeenCalled()
  expect(commands.trainLab).toHaveBeenCalledTimes(1)
})

it('one that is refused has failed, and the laboratory stands as before', async () => {
  commands.trainLab.mockResolvedValue(false)
  const [item] = await resumed(left({}))
  await vi.waitFor(async () => {
    const { useLab } = await import('./labStore')
    expect(useLab.getState().state).toBe('interrupted')
  })
  expect(['training', 'failed']).toContain(item.state)
})

it('is started once, whatever is told while the tab asks for the queue', async () => {
  let hold = (_lock: object): unknown => undefined
  const request = (_name: string, _options: object, held: typeof hold) => {
    hold = held
    return new Promise(() => {})
  }
  const { queue, useLab } = await openPage(left({ made: ['run-1'] }), { locks: { request } })
  queue.startQueue()
  useLab.setState({ device: { backend: 'wasm' } as never })
  queue.pauseQueue(false)
  useLab.setState({ state: 'interrupted' })
  hold({})
  await new Promise((done) => setTimeout(done))
  expect(commands.continueRuns).toHaveBeenCalledTimes(1)
})

it('what is damaged in the storage is left out', async () => {
  await resumed(left({ made: [1, 2] }))
  expect(commands.continueRuns).not.toHaveBeenCalled()
})
