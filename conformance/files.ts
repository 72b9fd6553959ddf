/**
 * Golden files on disk: a .json and its .safetensors of the same base name.
 * Reading them is Node's; everything that compares works in a browser too.
 */
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { BasinError } from '../src/base/errors'
import { decodeSafetensors } from '../src/core/formats/safetensors'
import type { Tensors } from './golden'

/** A file of either format, as read. */
export interface Stored {
  /** Its name without extension. */
  name: string
  folder: string
  json: unknown
  /** Of the .safetensors beside it; empty when there is none. */
  tensors: Tensors
}

/**
 * Base paths (without extension) of every golden under `paths`: folders are searched recursively.
 * @throws BasinError `file-format` when a path does not exist
 */
export async function findGoldens(paths: readonly string[]): Promise<string[]> {
  const found = new Set<string>()
  for (const path of paths) {
    const info = await stat(path).catch(() => undefined)
    if (!info) {
      throw new BasinError('file-format', `conformance: a file or folder, got ${path}`, 'Check the path.')
    }
    if (!info.isDirectory()) found.add(withoutExtension(resolve(path)))
    else for (const base of await basesIn(resolve(path), true)) found.add(base)
  }
  return [...found]
}

/** Base paths of the goldens in a folder, by name. */
export async function basesIn(folder: string, recursive = false): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const bases = new Set<string>()
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && recursive) for (const base of await basesIn(path, true)) bases.add(base)
    else if (['.json', '.safetensors'].includes(extname(entry.name))) bases.add(withoutExtension(path))
  }
  return [...bases]
}

const withoutExtension = (path: string) => path.slice(0, path.length - extname(path).length)

/** @throws BasinError `file-format` when a file is damaged */
export async function readStored(base: string): Promise<Stored> {
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

/** Empty where there is no such file. */
export async function readTensors(path: string): Promise<Tensors> {
  const bytes = await readFile(path).catch(() => undefined)
  if (!bytes) return new Map()
  const { tensors } = decodeSafetensors(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  // Labels may be 64-bit integers, which JavaScript keeps apart from numbers.
  return new Map([...tensors].map(([name, { shape, data }]) => [name, { shape, data: plain(data) }]))
}

const plain = (data: ArrayLike<number> | BigInt64Array | BigUint64Array): ArrayLike<number> =>
  data instanceof BigInt64Array || data instanceof BigUint64Array ? Float64Array.from(data, Number) : data

/** A file beside a golden; undefined when there is none. */
export async function readBeside(folder: string, name: string): Promise<Uint8Array | undefined> {
  return readFile(join(folder, name)).catch(() => undefined)
}
