/**
 * Replays goldens through the shipped code: one line a case, then the totals.
 *     <kind>  <case>  largest deviation <d> (<where>), tolerance <t>  pass | FAIL
 */
import { join } from 'node:path'
import { BasinError } from '../src/base/errors'
import * as tf from '../src/engine/tf'
import { findGoldens, readBeside, readStored, readTensors, type Stored } from './files'
import { type Golden, goldenFile, isFields, isGolden, tensorsOf, Unsupported } from './golden'
import { translationOf } from './reference/reference'
import type { Checks } from './replay/checks'
import { kindNamed } from './replay/kinds'

export interface ConformanceTotals {
  cases: number
  failed: number
  unsupported: number
}

/** One line of the report. */
interface CaseResult {
  heading: string
  name: string
  checks?: Checks
  note?: string
  unsupported?: string
  /** The replay broke off. */
  error?: string
}

/**
 * Replays every golden under `paths` on the tfjs backend that is set.
 * @param paths goldens (.json, .safetensors or both), explicit or as the reference's, and folders of them
 * @throws BasinError `file-format` when a path does not exist
 */
export async function runConformance(
  paths: string[],
  options: { write(line: string): void },
): Promise<ConformanceTotals> {
  const totals: ConformanceTotals = { cases: 0, failed: 0, unsupported: 0 }
  for (const base of await findGoldens(paths)) {
    for await (const result of replayFile(base)) {
      totals.cases++
      if (result.unsupported !== undefined) totals.unsupported++
      else if (!result.checks?.passed) totals.failed++
      options.write(lineOf(result))
    }
  }
  options.write(`${totals.cases} cases, ${totals.failed} failed, ${totals.unsupported} unsupported`)
  return totals
}

async function* replayFile(base: string): AsyncGenerator<CaseResult> {
  let heading = 'unreadable'
  let name = base
  try {
    const stored = await readStored(base)
    name = stored.name
    heading = 'unknown'
    let golden: Golden
    if (isGolden(stored.json)) golden = goldenFile.parse(stored.json)
    else {
      const translation = translationOf(stored)
      if (!translation) throw new Unsupported(`no replay for ${describe(stored)}`)
      heading = kindNamed(translation.kind)?.heading ?? heading
      golden = await translation.golden()
    }
    if (golden.cases.length > 0) yield* replayCases(golden, stored)
  } catch (error) {
    yield { heading, name, ...reasonOf(error) }
  }
}

async function* replayCases(golden: Golden, stored: Stored): AsyncGenerator<CaseResult> {
  const kind = kindNamed(golden.kind)
  if (!kind) throw new Unsupported(`no replay for kind ${golden.kind}`)
  const { heading } = kind
  const shared = await Promise.all(
    (golden.shared ?? []).map((file) => readTensors(join(stored.folder, file))),
  )
  const tensors = new Map([...shared.flatMap((each) => [...each]), ...stored.tensors])
  const read = async (file: string) => {
    const bytes = await readBeside(stored.folder, file)
    if (!bytes) throw new Unsupported(`its file ${file} is not beside it`)
    return bytes
  }
  for (const one of golden.cases) {
    const { name, note, unsupported } = one
    // Whatever a replay leaves on the device goes with its scope.
    tf.engine().startScope()
    try {
      if (unsupported !== undefined) throw new Unsupported(unsupported)
      const checks = await kind.replay(one, { tensors: tensorsOf(one, golden.cases, tensors), read })
      yield { heading, name, checks, note: checks.note ?? note }
    } catch (error) {
      yield { heading, name, ...reasonOf(error) }
    } finally {
      tf.engine().endScope()
    }
  }
}

/** What a file of unknown kind holds, so that its line says why. */
function describe({ json, tensors }: Stored): string {
  const fields = Array.isArray(json) ? ['a list'] : isFields(json) ? Object.keys(json) : ['no fields']
  const some = (names: string[]) => names.slice(0, 6).join(', ') + (names.length > 6 ? ', …' : '')
  return `fields ${some(fields)}${tensors.size > 0 ? `; tensors ${some([...tensors.keys()])}` : ''}`
}

function reasonOf(error: unknown): { unsupported: string } | { error: string } {
  const message = error instanceof BasinError || error instanceof Error ? error.message : String(error)
  return error instanceof Unsupported ? { unsupported: message } : { error: message }
}

function lineOf({ heading, name, checks, unsupported, error, note }: CaseResult): string {
  const head = `${heading.padEnd(17)} ${name.padEnd(36)}`
  if (unsupported !== undefined) return `${head} unsupported: ${unsupported}`
  if (error !== undefined) return `${head} ${error}  FAIL`
  if (!checks?.worst) return `${head} nothing was compared  FAIL`
  const { what, deviation, tolerance } = checks.worst
  const numbers = `largest deviation ${format(deviation)} (${what}), tolerance ${format(tolerance)}`
  return `${head} ${numbers}  ${checks.passed ? 'pass' : 'FAIL'}${note ? `  [${note}]` : ''}`
}

const format = (value: number) => (value === 0 ? '0' : value.toExponential(1))
