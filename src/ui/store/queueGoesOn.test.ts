/** What a closed page left of the queue, opened again. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { DEFAULT_CONFIG } from '../../core/config/schema'

const commands = vi.hoisted(() => ({ continueRuns: vi.fn(), trainLab: vi.fn() }))
vi.mock('./commands', () => commands)

const left = (changes: object) =>
  JSON.stringify([{ id: 'a', config: DEFAULT_CONFIG, state: 'training', ...changes }])

/** The page with this in its storage, on a device, and Resume pressed. */
async function resumed(stored: string) {
  vi.resetModules()
  vi.stubGlobal('localStorage', { getItem: () => stored, setItem: () => {} })
  vi.stubGlobal('navigator', {})
  const { useLab } = await import('./labStore')
  const queue = await import('./queue')
  useLab.setState({ state: 'interrupted', device: { backend: 'wasm' } as never })
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

it('one that is refused has failed, and the laboratory stands as before', async () => {
  commands.trainLab.mockResolvedValue(false)
  const [item] = await resumed(left({}))
  await vi.waitFor(async () => {
    const { useLab } = await import('./labStore')
    expect(useLab.getState().state).toBe('interrupted')
  })
  expect(['training', 'failed']).toContain(item.state)
})

it('what is damaged in the storage is left out', async () => {
  await resumed(left({ made: [1, 2] }))
  expect(commands.continueRuns).not.toHaveBeenCalled()
})
