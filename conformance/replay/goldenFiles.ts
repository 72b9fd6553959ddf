/**
 * Golden files on disk: a .json, its .safetensors of the same base name, and files that several goldens share.
 * Reading them is Node's; everything that compares works in a browser too.
 */
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { BasinError } from '../../src/base/errors'
import { decodeSafetensors } from '../../src/core/formats/safetensors'
import { type Fields, type Golden, type GoldenTensor, isCompanion, isFields, type Tensors } from './golden'

const NONE: Tensors = new Map()

/**
 * Base paths (without extension) of every golden under `paths`: folders are searched recursively.
 * @throws BasinError `file-format` when a path does not exist or holds no golden
 */
export async function findGoldens(paths: readonly string[]): Promise<string[]> {
  const found = new Set<string>()
  for (const path of paths) {
    const info = await stat(path).catch(() => undefined)
    if (!info) {
      throw new BasinError('file-format', `conformance: a file or folder, got ${path}`, 'Check the path.')
    }
    if (!info.isDirectory()) found.add(withoutExtension(resolve(path)))
    else for (const base of await searchFolder(resolve(path))) found.add(base)
  }
  return [...found]
}

async function searchFolder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const bases: string[] = []
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) bases.push(...(await searchFolder(path)))
    else if (['.json', '.safetensors'].includes(extname(entry.name))) bases.push(withoutExtension(path))
  }
  return bases
}

const withoutExtension = (path: string) => path.slice(0, path.length - extname(path).length)

/** @throws BasinError `file-format` when a file is damaged */
export async function readGolden(base: string): Promise<Golden> {
  const json = await readJson(`${base}.json`)
  const tensors = await readTensors(`${base}.safetensors`)
  return { name: basename(base), folder: dirname(base), json, tensors }
}

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    // NaN and Infinity are no JSON, but Python writes them.
    const strict = text.replace(/(?<=[:[,]\s*)(NaN|-?Infinity)(?=\s*[,\]}])/g, 'null')
    try {
      return JSON.parse(strict)
    } catch (error) {
      throw new BasinError('file-format', `${path}: JSON, got ${(error as Error).message}`)
    }
  }
}

async function readTensors(path: string): Promise<Tensors> {
  const bytes = await readFile(path).catch(() => undefined)
  if (!bytes) return NONE
  const { tensors } = decodeSafetensors(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  // Labels may be 64-bit integers, which JavaScript keeps apart from numbers.
  return new Map([...tensors].map(([name, { shape, data }]) => [name, { shape, data: plain(data) }]))
}

/** A file that a golden speaks of; undefined when it is not there. */
export async function readBeside(folder: string, path: string): Promise<Uint8Array | undefined> {
  const bytes = await readFile(join(folder, path)).catch(() => undefined)
  return bytes && new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

const plain = (data: ArrayLike<number> | BigInt64Array | BigUint64Array): ArrayLike<number> =>
  data instanceof BigInt64Array || data instanceof BigUint64Array ? Float64Array.from(data, Number) : data

/**
 * The golden's own tensors, and behind them those of its companions: the .safetensors files its fields speak of,
 * else any companion in its folder.
 */
export async function withCompanions(golden: Golden): Promise<Tensors> {
  const spoken = [...JSON.stringify(golden.json).matchAll(/[\w./-]+\.safetensors/g)].map(([name]) => name)
  const places = spoken.flatMap((name) => [
    join(golden.folder, basename(name)),
    join(golden.folder, name),
    join(dirname(golden.folder), name),
  ])
  const merged = new Map<string, GoldenTensor>()
  for (const path of new Set(places)) add(merged, await readTensors(path))
  if (merged.size === 0) {
    for (const base of await siblingBases(golden)) {
      const sibling = await readGolden(base).catch(() => undefined)
      if (sibling && isCompanion(sibling)) add(merged, sibling.tensors)
    }
  }
  for (const [name, tensor] of golden.tensors) merged.set(name, tensor)
  return merged
}

function add(target: Map<string, GoldenTensor>, more: Tensors): void {
  for (const [name, tensor] of more) if (!target.has(name)) target.set(name, tensor)
}

/** JSON of the other goldens in the same folder. */
export async function siblingFields(golden: Golden): Promise<Fields[]> {
  const all = await Promise.all(
    (await siblingBases(golden)).map((base) => readJson(`${base}.json`).catch(() => undefined)),
  )
  return all.filter(isFields)
}

async function siblingBases(golden: Golden): Promise<string[]> {
  const names = await readdir(golden.folder)
  const bases = new Set(
    names
      .filter((name) => ['.json', '.safetensors'].includes(extname(name)))
      .map((name) => withoutExtension(join(golden.folder, name))),
  )
  bases.delete(join(golden.folder, golden.name))
  return [...bases].sort()
}
