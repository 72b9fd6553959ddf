import { beforeEach, describe, expect, it } from 'vitest'
import type { Reply } from '../../base/reply'
import { DEFAULT_CONFIG } from '../../core/config/schema'
import { cifar10Files, decode, fileOf, tarGz } from '../../core/data/import/import.testing'
import { Library } from '../../core/data/library'
import { MapStore } from '../../core/data/tiny.testing'
import { FolderShardSource } from '../../platform/node/folderShardSource'
import type { ImportStatus } from '../dataProtocol'
import { DataLab } from './dataLab'

const SETTINGS = { name: '', labels: 'fine' as const }

let store: MapStore
let lab: DataLab

function value<T>(reply: Reply<T>): T {
  if (!reply.ok) throw new Error(`${reply.error.message} ${reply.error.remedy}`)
  return reply.value
}

beforeEach(async () => {
  store = new MapStore()
  const library = new Library(store)
  lab = new DataLab({
    library,
    openDecoder: () => ({ decode, close() {} }),
    room: async () => undefined,
    exclusively: (_, __, body) => body(),
    whenFree: async (body) => void (await body()),
    ports: () => ({ source: new FolderShardSource('public/datasets'), store: new MapStore(), library }),
  })
  value(await lab.init(''))
})

async function importCifar(): Promise<ImportStatus[]> {
  const told: ImportStatus[] = []
  const inputs = [fileOf('cifar.tar.gz', await tarGz(cifar10Files()))]
  const preview = value(await lab.examine(inputs, SETTINGS, (status) => told.push(status)))
  expect(preview).toMatchObject({ name: 'cifar10', numTrain: 4, numTest: 1, verification: 'differs' })
  expect(store.kept.size).toBe(0)
  expect(value(await lab.importPicked(SETTINGS, (status) => told.push(status)))).toBe('cifar10')
  return told
}

describe('DataLab', () => {
  it('lists the bundled set, then what was imported; deleted it is gone', async () => {
    expect(value(await lab.list()).datasets.map(({ name, bundled }) => [name, bundled])).toEqual([
      ['fashion_mnist', true],
    ])
    const told = await importCifar()
    expect(told.map(({ phase }) => phase)).toEqual(expect.arrayContaining(['checking', 'importing']))
    expect(value(await lab.list()).datasets[1]).toMatchObject({
      name: 'cifar10',
      bundled: false,
      bytes: 5 * 3073,
      origin: ['cifar.tar.gz'],
      classCounts: { test: [0, 0, 0, 0, 0, 1, 0, 0, 0, 0] },
    })
    value(await lab.remove('cifar10'))
    expect(value(await lab.list())).toMatchObject({ datasets: { length: 1 }, damaged: [] })
    expect(store.kept.size).toBe(0)
  })

  it('a damaged set is listed beside the others, and deleted with all that it left', async () => {
    await importCifar()
    await store.put('dataset/cifar10', new TextEncoder().encode('{"format":'))
    expect(value(await lab.list())).toMatchObject({
      datasets: [{ name: 'fashion_mnist' }],
      damaged: [{ name: 'cifar10', reason: expect.stringMatching(/cannot be read/) }],
    })
    value(await lab.remove('cifar10'))
    expect(value(await lab.list()).damaged).toEqual([])
    expect(store.kept.size).toBe(0)
  })

  it('a name or a size out of range is refused, and the files stay picked', async () => {
    value(await lab.examine([fileOf('c.tar.gz', await tarGz(cifar10Files()))], SETTINGS, () => {}))
    expect(await lab.reconsider({ ...SETTINGS, name: '../x' })).toMatchObject({
      ok: false,
      error: { code: 'config' },
    })
    expect(await lab.reconsider({ ...SETTINGS, name: 'fashion_mnist' })).toMatchObject({
      ok: false,
      error: { code: 'config', remedy: expect.stringMatching(/another name/) },
    })
    expect(await lab.reconsider({ ...SETTINGS, imageSize: 5000 })).toMatchObject({ ok: false })
    expect(value(await lab.reconsider({ ...SETTINGS, name: 'mine' }))).toMatchObject({ name: 'mine' })
  })

  it('shows images by split and class, as pages', async () => {
    await importCifar()
    const request = { name: 'cifar10', view: 'train' as const, offset: 0, count: 60, config: DEFAULT_CONFIG }
    const all = value(await lab.preview(request))
    expect([all.total, ...all.images.map(({ label }) => label)]).toEqual([4, 0, 9, 3, 4])
    // Row 1, column 0 of the image of class 9: 2 · row + label, plus 64 a channel.
    expect([...all.images[1].rgba.subarray(32 * 4, 32 * 4 + 4)]).toEqual([11, 75, 139, 255])
    const nines = value(await lab.preview({ ...request, label: 9 }))
    expect([nines.total, nines.images.length]).toEqual([1, 1])
    const page = value(await lab.preview({ ...request, offset: 3, count: 2 }))
    expect(page.images.map(({ label }) => label)).toEqual([4])
    const whole = { ...request, name: 'fashion_mnist', label: 3, offset: 5990, count: 60 }
    expect(value(await lab.preview(whole))).toMatchObject({ total: 6000, images: { length: 10 } })
  })

  it('shows a run’s wrong labels beside the right ones', async () => {
    const config = { ...DEFAULT_CONFIG, num_train_examples: 100, label_noise: 0.3 }
    const page = value(
      await lab.preview({ name: 'fashion_mnist', view: 'run', offset: 0, count: 100, config }),
    )
    const wrong = page.images.filter(({ trueLabel }) => trueLabel !== undefined)
    expect([page.total, wrong.length]).toEqual([100, 30])
    for (const { label, trueLabel } of wrong) expect(label).not.toBe(trueLabel)
  })

  it('shows an image as batches have it, one row for each augmentation that the set can have', async () => {
    await importCifar()
    const request = { name: 'cifar10', view: 'train' as const, offset: 0, count: 60, config: DEFAULT_CONFIG }
    const { images } = value(await lab.preview(request))
    const rows = value(await lab.augmented(1, { ...DEFAULT_CONFIG, cutout_length: 16 }))
    const row = (setting: string) => rows.find((each) => each.setting === setting)?.images ?? []
    expect(rows.map(({ setting }) => setting)).toEqual(
      expect.arrayContaining(['none', 'basic', 'autoaugment', 'cutout', 'mixup']),
    )
    for (const draw of row('none')) expect([...draw]).toEqual([...images[1].rgba])
    expect(new Set(row('basic').map((draw) => draw.join())).size).toBeGreaterThan(1)
    // Cutout leaves the mean: some draw has a patch of one colour.
    expect(row('cutout').some((draw) => draw.join() !== images[1].rgba.join())).toBe(true)
    expect(await lab.augmented(99, DEFAULT_CONFIG)).toMatchObject({ ok: false })
  })
})
