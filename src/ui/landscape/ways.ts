/** The ways of runs on a plane, as they are drawn and walked along. */
import type { ValuesOf, WaysOnPlane } from '../../worker/protocol'
import type { ShownRun } from '../runs/shownRuns'
import type { LabStore } from '../store/labStore'

type TrajectoryValues = ValuesOf<'trajectory'>

export interface WayStop {
  /** Updates behind it. */
  step: number
  x: number
  y: number
  /** How far it is from the plane. */
  outside: number
  /** Of the weights themselves; NaN where they were not measured. */
  loss: number
  error: number
}

export interface DrawnWay {
  run: ShownRun
  stops: WayStop[]
}

export function drawnWays(runs: readonly ShownRun[], values: TrajectoryValues): DrawnWay[] {
  const { point_run, point_step, point_x, point_y, point_outside, point_loss, point_error } = values
  return runs.flatMap((run) => {
    const stops = point_run.flatMap((key, i): WayStop[] =>
      key === run.key
        ? [
            {
              step: point_step[i],
              x: point_x[i],
              y: point_y[i],
              outside: point_outside[i],
              loss: point_loss[i],
              error: point_error[i],
            },
          ]
        : [],
    )
    return stops.length > 0 ? [{ run, stops }] : []
  })
}

/** Ways without losses. */
export function grownWays(runs: readonly ShownRun[], { points }: WaysOnPlane): DrawnWay[] {
  const unknown = { loss: Number.NaN, error: Number.NaN }
  return runs.flatMap((run) => {
    const stops = points.filter((point) => point.run === run.key).map((point) => ({ ...point, ...unknown }))
    return stops.length > 0 ? [{ run, stops }] : []
  })
}

/** Whether the ways as they grow are newer than those that were measured. */
export function isGrowing(
  { ways, state }: Pick<LabStore, 'ways' | 'state'>,
  measured?: TrajectoryValues,
): boolean {
  if (!ways) return false
  if (!measured || state === 'training') return true
  return Math.max(...ways.points.map(({ step }) => step)) > Math.max(...measured.point_step)
}

/** The ends of both axes around all stops, with a margin. */
export function squareAround(ways: readonly DrawnWay[]): [x: [number, number], y: [number, number]] {
  const stops = ways.flatMap((way) => way.stops)
  const boxes = [stops.map(({ x }) => x), stops.map(({ y }) => y)].map((values) => [
    Math.min(...values),
    Math.max(...values),
  ])
  const half = 0.6 * Math.max(...boxes.map(([low, high]) => high - low))
  const around = ([low, high]: number[]): [number, number] => [
    (low + high) / 2 - half,
    (low + high) / 2 + half,
  ]
  return [around(boxes[0]), around(boxes[1])]
}

/** The last stop of each way. */
export const lastStep = (ways: readonly DrawnWay[]): number =>
  Math.max(0, ...ways.map(({ stops }) => stops[stops.length - 1].step))

/** What of a way lies behind a step, at least its beginning. */
export function behind({ stops }: DrawnWay, step: number): WayStop[] {
  const count = stops.filter((stop) => stop.step <= step).length
  return stops.slice(0, Math.max(1, count))
}

/** Every step at which some run was looked at, ascending: the places of the slider. */
export const stopsOf = (ways: readonly DrawnWay[]): number[] =>
  [...new Set(ways.flatMap(({ stops }) => stops.map(({ step }) => step)))].sort((a, b) => a - b)
