/** Folders of TensorBoard's event files as runs of curves alone: whoever wrote them said nothing of settings or weights. */
import { BasinError, within } from '../../base/errors'
import { VERSION } from '../../base/version'
import { DEFAULT_CONFIG } from '../config/schema'
import { decodeEvents } from '../formats/readTfevents'
import type { CurveLines } from './curveLines'
import { EDGE_TAGS } from './epochMeans'
import { newId } from './newRecord'
import { RUN_FORMAT, type RunRecord } from './record'

export const isEventFile = (name: string): boolean => /(^|\/)events\.out\.tfevents\.[^/]+$/.test(name)

/** What our own tags, the reference's among them, are curves of; of several for one the first that is there. */
const CURVE_OF: Record<string, string> = {
  clean_loss: 'loss',
  train_loss: 'loss',
  perturbed_loss: 'perturbedLoss',
  sharpness_gap: 'gap',
  train_error_rate: 'errorRate',
  gradient_norm: 'gradientNorm',
  param_norm: 'paramNorm',
  learning_rate: 'learningRate',
  test_loss: 'testLoss',
  ema_test_loss: 'testLoss',
  test_error_rate: 'testErrorRate',
  ema_test_error_rate: 'testErrorRate',
  test_top_5_error_rate: 'testTop5ErrorRate',
  ema_test_top_5_error_rate: 'testTop5ErrorRate',
  eval_on_train_loss: 'trainLoss',
  eval_on_train_error_rate: 'trainErrorRate',
  memorised_wrong_labels: 'memorised',
  ...EDGE_TAGS,
}
const KNOWN_TAGS = Object.keys(CURVE_OF)

interface Point {
  value: number
  /** Seconds since 1970. */
  wallTime: number
}

/**
 * The curves of a folder. A step that was written twice, as by a training that was taken up again, has the later value.
 * @param eventFiles with their names, for messages
 * @throws BasinError `file-format` naming the file and the byte
 */
export function readCurves(eventFiles: readonly (readonly [name: string, bytes: Uint8Array])[]): CurveLines {
  const byTag = pointsOf(eventFiles)
  let start = Number.POSITIVE_INFINITY
  for (const points of byTag.values())
    for (const { wallTime } of points.values()) start = Math.min(start, wallTime)
  const tags = [...byTag.keys()].sort((a, b) => order(a) - order(b))
  const lines: CurveLines = {}
  for (const tag of tags) {
    const name = CURVE_OF[tag] ?? tag
    if (Object.hasOwn(lines, name)) continue
    const points = [...byTag.get(tag)!].sort(([a], [b]) => a - b)
    const axes = {
      step: Float64Array.from(points, ([step]) => step),
      seconds: Float64Array.from(points, ([, { wallTime }]) => wallTime - start),
    }
    // A tag may be any text, `__proto__` too.
    Object.defineProperty(lines, name, {
      value: { axes, y: Float64Array.from(points, ([, { value }]) => value) },
      enumerable: true,
    })
  }
  return lines
}

const order = (tag: string) => (KNOWN_TAGS.indexOf(tag) + KNOWN_TAGS.length + 1) % (KNOWN_TAGS.length + 1)

function pointsOf(eventFiles: readonly (readonly [string, Uint8Array])[]): Map<string, Map<number, Point>> {
  const byTag = new Map<string, Map<number, Point>>()
  for (const [name, bytes] of eventFiles) {
    // A last record that is cut short is what a training that still goes, or was killed, leaves.
    const { events } = within(name, () => decodeEvents(bytes))
    for (const { step, wallTime, scalars } of events) {
      for (const { tag, value } of scalars) {
        if (Number.isNaN(value)) continue
        const points = byTag.get(tag) ?? new Map<number, Point>()
        byTag.set(tag, points)
        const known = points.get(step)
        if (!known || known.wallTime <= wallTime) points.set(step, { value, wallTime })
      }
    }
  }
  return byTag
}

/**
 * The record of such a run.
 * @param name of the folder
 * @param written seconds since 1970
 * @throws BasinError `file-format` where there is no scalar at all
 */
export function curvesRecord(name: string, lines: CurveLines, written: number): RunRecord {
  const steps = Object.values(lines).map(({ axes }) => axes.step.at(-1) ?? 0)
  if (steps.length === 0) {
    throw new BasinError(
      'file-format',
      `${name}: scalars in its event files, got none`,
      'Drop a folder with curves.',
    )
  }
  const step = Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, ...steps))
  const finite = (curve: string) => [...(lines[curve]?.y ?? [])].filter(Number.isFinite)
  const tests = finite('testErrorRate')
  const evaluation = ['testErrorRate', 'trainErrorRate', 'memorised'].flatMap((curve) => {
    const last = finite(curve).at(-1)
    return last === undefined ? [] : [[curve, last]]
  })
  // Any bits may stand for the time.
  const time = new Date(1000 * written)
  const created = (Number.isNaN(time.getTime()) ? new Date() : time).toISOString()
  return {
    format: RUN_FORMAT,
    id: newId(),
    name: name.slice(-120) || 'curves',
    notes: '',
    pinned: false,
    hidden: false,
    experiment: '',
    key: 'curves',
    label: name.slice(-120) || 'curves',
    config: { ...DEFAULT_CONFIG, runs: '' },
    session: DEFAULT_CONFIG,
    version: VERSION,
    device: '',
    created,
    updated: created,
    state: 'finished',
    step,
    stepsPerEpoch: 1,
    totalSteps: step,
    numParams: 0,
    data: { numTrain: 0, numTest: 0, numClasses: 0, classNames: [], numWrongLabels: 0 },
    curvesOnly: true,
    evaluation: Object.fromEntries(evaluation),
    ...(tests.length > 0 && {
      bestTestErrorRate: tests.reduce((best, value) => Math.min(best, value)),
    }),
  }
}
