/** The ways of runs on a plane, as they are drawn and walked along. */
import type { ValuesOf } from '../../worker/protocol'
import type { ShownRun } from '../runs/shownRuns'

type TrajectoryValues = ValuesOf<'trajectory'>

export interface WayStop {
  /** Updates behind it. */
  step: number
  x: number
  y: number
  /** How far it is from the plane. */
  outside: number
  /** Of the weights themselves. */
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
