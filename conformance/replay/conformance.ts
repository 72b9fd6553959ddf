/**
 * Replays goldens of the reference through the shipped code: one line a case, then the totals.
 *     <kind>  <case>  largest deviation <d> (<where>), tolerance <t>  pass | FAIL
 */
import { BasinError } from '../../src/base/errors'
import * as tf from '../../src/engine/tf'
import { type CaseResult, Unsupported } from './checks'
import { type Golden, isCompanion, isFields } from './golden'
import { findGoldens, readGolden } from './goldenFiles'
import { kindOf } from './kinds'

export interface ConformanceTotals {
  cases: number
  failed: number
  unsupported: number
}

/**
 * Replays every golden under `paths` on the tfjs backend that is set.
 * @param paths goldens (.json, .safetensors or both) and folders of them, searched recursively
 * @throws BasinError `file-format` when a path does not exist
 */
export async function runConformance(
  paths: string[],
  options: { write(line: string): void },
): Promise<ConformanceTotals> {
  const totals: ConformanceTotals = { cases: 0, failed: 0, unsupported: 0 }
  const report = (kind: string, result: CaseResult) => {
    totals.cases++
    if (result.unsupported !== undefined) totals.unsupported++
    else if (!result.checks?.passed) totals.failed++
    options.write(lineOf(kind, result))
  }
  for (const base of await findGoldens(paths)) await replayGolden(base, report)
  options.write(`${totals.cases} cases, ${totals.failed} failed, ${totals.unsupported} unsupported`)
  return totals
}

async function replayGolden(base: string, report: (kind: string, result: CaseResult) => void): Promise<void> {
  let golden: Golden
  try {
    golden = await readGolden(base)
  } catch (error) {
    report('unreadable', { name: base, error: messageOf(error) })
    return
  }
  if (isCompanion(golden)) return
  const kind = kindOf(golden)
  if (!kind) {
    report('unknown', { name: golden.name, unsupported: `no replay for ${describe(golden)}` })
    return
  }
  // Whatever a replay leaves on the device goes with its scope.
  tf.engine().startScope()
  try {
    for await (const result of kind.run(golden)) report(kind.name, result)
  } catch (error) {
    const reason = error instanceof Unsupported ? 'unsupported' : 'error'
    report(kind.name, { name: golden.name, [reason]: messageOf(error) })
  } finally {
    tf.engine().endScope()
  }
}

/** What a golden of unknown kind holds, so that its line says why. */
function describe({ json, tensors }: Golden): string {
  const fields = Array.isArray(json) ? ['a list'] : isFields(json) ? Object.keys(json) : ['no fields']
  const some = (names: string[]) => names.slice(0, 6).join(', ') + (names.length > 6 ? ', …' : '')
  return `fields ${some(fields)}${tensors.size > 0 ? `; tensors ${some([...tensors.keys()])}` : ''}`
}

function lineOf(kind: string, { name, checks, unsupported, error, note }: CaseResult): string {
  const head = `${kind.padEnd(17)} ${name.padEnd(36)}`
  if (unsupported !== undefined) return `${head} unsupported: ${unsupported}`
  if (error !== undefined) return `${head} ${error}  FAIL`
  if (!checks?.worst) return `${head} nothing was compared  FAIL`
  const { what, deviation, tolerance } = checks.worst
  const numbers = `largest deviation ${format(deviation)} (${what}), tolerance ${format(tolerance)}`
  return `${head} ${numbers}  ${checks.passed ? 'pass' : 'FAIL'}${note ? `  [${note}]` : ''}`
}

const format = (value: number) => (value === 0 ? '0' : value.toExponential(1))

const messageOf = (error: unknown) =>
  error instanceof BasinError || error instanceof Error ? error.message : String(error)
