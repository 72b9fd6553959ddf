/**
 * The first look at what was handed in: every file's name and size, the sums of the archives, and the small files that
 * say how to read the large ones (split lists, label files). After it is known what it is, how much room it needs and
 * whether it is official, and nothing has been stored.
 */

import { md5 } from '@noble/hashes/legacy.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { concat } from '../../../base/concat'
import { readAll } from '../../formats/byteStream'
import { isMat, matVariables } from '../../formats/mat/mat'
import type { MatValue } from '../../formats/mat/matValue'
import type { InputFile } from '../../ports'
import { KNOWN_DATASETS } from '../catalog/catalog'
import { type Entry, walk } from './walk'

export interface SurveyedFile {
  path: string
  size: number | undefined
  /** Its first bytes, where they were looked at. */
  head: Uint8Array | undefined
}

export interface Checksum {
  file: string
  bytes: number
  sha256: string
  md5: string | undefined
}

/** A variable of a .mat file; large ones are known by their shape alone. */
export interface SurveyedVariable {
  name: string
  dims: number[]
  isUint8: boolean
  value: MatValue | undefined
}

export interface Survey {
  files: SurveyedFile[]
  /** Whole small files: text lists, IDX labels. By path. */
  small: Map<string, Uint8Array>
  /** By path. */
  mats: Map<string, SurveyedVariable[]>
  /** Of the files handed in, and of IDX files within. */
  sums: Checksum[]
  skipped: { path: string; reason: string }[]
  /** Name of the folder or file handed in, without its ending. */
  root: string
}

export interface SurveyProgress {
  bytesDone: number
  bytesTotal: number
}

/** Files that are read whole at once, and what all of them together may take. */
const SMALL_FILE = 16 * 2 ** 20
const SMALL_TOTAL = 256 * 2 ** 20
/** Files of a folder are only summed when they are archives of a kind: a folder of images has no official sum. */
const MOST_SUMS = 32

/** @throws BasinError naming the damaged file; what `signal` says when it aborts */
export async function surveyInputs(
  inputs: readonly InputFile[],
  onProgress: (progress: SurveyProgress) => void,
  signal?: AbortSignal,
): Promise<Survey> {
  const summed = inputs.length <= MOST_SUMS ? inputs : []
  const size = (files: readonly InputFile[]) => files.reduce((sum, file) => sum + file.size, 0)
  const bytesTotal = size(inputs) + size(summed)
  let bytesDone = 0
  const onBytes = (count: number) => {
    bytesDone += count
    onProgress({ bytesDone: Math.min(bytesDone, bytesTotal), bytesTotal })
  }
  const survey: Survey = {
    files: [],
    small: new Map(),
    mats: new Map(),
    sums: [],
    skipped: [],
    root: rootName(inputs),
  }
  for (const input of summed) survey.sums.push(await checksum(input, onBytes, signal))
  let room = SMALL_TOTAL
  const onSkip = (path: string, reason: string) => survey.skipped.push({ path, reason })
  for await (const entry of walk(inputs, { onBytes, onSkip, signal })) {
    survey.files.push({ path: entry.path, size: entry.size, head: entry.head })
    if (entry.head && isMat(entry.head)) survey.mats.set(entry.path, await readVariables(entry))
    else if (isIdx(entry.head)) await readIdx(entry, survey, signal)
    else if (/\.txt$/i.test(entry.path) && (entry.size ?? 0) <= Math.min(SMALL_FILE, room)) {
      const bytes = await readAll(entry.open(), SMALL_FILE, entry.path)
      room -= bytes.length
      survey.small.set(entry.path, bytes)
    }
  }
  return survey
}

/** Two zero bytes, uint8, rank 1 or 3. */
export const isIdx = (head: Uint8Array | undefined): boolean =>
  head !== undefined && head[0] === 0 && head[1] === 0 && head[2] === 8 && (head[3] === 1 || head[3] === 3)

/** Labels are kept; of images the sum is enough. */
async function readIdx(entry: Entry, survey: Survey, signal?: AbortSignal): Promise<void> {
  const hash = sha256.create()
  const keep = entry.head?.[3] === 1
  const pieces: Uint8Array[] = []
  let bytes = 0
  const reader = entry.open().getReader()
  for (;;) {
    signal?.throwIfAborted()
    const { done, value } = await reader.read()
    if (done) break
    hash.update(value)
    bytes += value.length
    if (keep && bytes <= SMALL_FILE) pieces.push(value)
  }
  if (keep && bytes <= SMALL_FILE) survey.small.set(entry.path, concat(pieces))
  const file = entry.path.slice(entry.path.lastIndexOf('/') + 1)
  survey.sums.push({ file, bytes, sha256: bytesToHex(hash.digest()), md5: undefined })
}

async function readVariables(entry: Entry): Promise<SurveyedVariable[]> {
  const found: SurveyedVariable[] = []
  for await (const variable of matVariables(entry.open(), entry.path)) {
    const { name, dims, isUint8, dataBytes } = variable
    const large = dataBytes !== undefined && dataBytes > SMALL_FILE
    const images = isUint8 && dims.length === 4
    found.push({ name, dims, isUint8, value: large || images ? undefined : await variable.value(SMALL_FILE) })
  }
  return found
}

async function checksum(
  input: InputFile,
  onBytes: (count: number) => void,
  signal?: AbortSignal,
): Promise<Checksum> {
  const file = input.path.slice(input.path.lastIndexOf('/') + 1)
  const sum = sha256.create()
  const known = KNOWN_DATASETS.flatMap(({ archives }) => archives).find((archive) => archive.file === file)
  // Some archives are only known by their MD5.
  const old = known?.md5 && !known.sha256 ? md5.create() : undefined
  const reader = input.stream().getReader()
  for (;;) {
    signal?.throwIfAborted()
    const { done, value } = await reader.read()
    if (done) break
    sum.update(value)
    old?.update(value)
    onBytes(value.length)
  }
  return { file, bytes: input.size, sha256: bytesToHex(sum.digest()), md5: old && bytesToHex(old.digest()) }
}

function rootName(inputs: readonly InputFile[]): string {
  const [first] = inputs
  if (!first) return ''
  const top = first.path.split('/')[0]
  return top.replace(/(\.tar)?\.(gz|tgz|tar|zip)$/i, '')
}
