import { expect, it } from 'vitest'
import { droppedFile } from './dropped'

type Tree = { [name: string]: string | Tree }

/** A dropped folder as browsers show it: entries by callback, a few at a time. */
function folder(name: string, tree: Tree): FileSystemEntry {
  return {
    name,
    isFile: false,
    isDirectory: true,
    createReader() {
      const left = Object.entries(tree).map(([key, value]) =>
        typeof value === 'string' ? file(key, value) : folder(key, value),
      )
      return { readEntries: (done: (entries: FileSystemEntry[]) => void) => done(left.splice(0, 2)) }
    },
  } as unknown as FileSystemEntry
}

const file = (name: string, text: string) =>
  ({
    name,
    isFile: true,
    isDirectory: false,
    file: (done: (file: File) => void) => done(new File([text], name)),
  }) as unknown as FileSystemEntry

const dropped = (entry: FileSystemEntry | null, files: File[] = []) =>
  ({ items: [{ webkitGetAsEntry: () => entry }], files }) as unknown as DataTransfer

it('takes a file as it is', async () => {
  const plain = new File(['x'], 'w.npz')
  expect(await droppedFile(dropped(file('w.npz', 'x'), [plain]))).toBe(plain)
  expect(await droppedFile({ items: [], files: [] } as unknown as DataTransfer)).toBeUndefined()
})

it('takes the newest checkpoint of a run’s folder, not an extra one', async () => {
  const run = folder('seed_0', {
    'config.json': '{}',
    'metrics.csv': '',
    checkpoints: {
      checkpoint_9: 'nine',
      checkpoint_10: 'ten',
      checkpoint_2: 'two',
      additional_ckpt_30: { checkpoint_30: 'extra' },
    },
  })
  expect(await (await droppedFile(dropped(run)))?.text()).toBe('ten')
  await expect(droppedFile(dropped(folder('empty', { a: { b: {} } })))).rejects.toThrow(
    /^empty: a checkpoint/,
  )
})
