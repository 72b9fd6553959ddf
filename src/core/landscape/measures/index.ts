/** The measures there are, in the order of their buttons. A new one is a line here; all else of it is in its file. */
import { BasinError } from '../../../base/errors'
import type { RunKey } from '../../runs/metrics'
import { curvature } from './curvature'
import { curve } from './curve'
import { interpolation } from './interpolation'
import { line } from './line'
import type { Finding, Measure, MeasureProgress, SettingsIn } from './measure'
import { memorised } from './memorised'
import { rescaling } from './rescaling'
import { spectrum } from './spectrum'
import { step } from './step'
import { surface } from './surface'
import { trajectory } from './trajectory'

export const MEASURES = [
  line,
  interpolation,
  curve,
  surface,
  trajectory,
  curvature,
  spectrum,
  rescaling,
  step,
  memorised,
] as const

type Listed = (typeof MEASURES)[number]
export type MeasureId = Listed['id']
type ById<Id extends MeasureId> = Extract<Listed, { id: Id }>
export type SettingsOf<Id extends MeasureId> =
  ById<Id> extends Measure<string, infer Shape, infer _> ? SettingsIn<Shape> : never
export type ValuesOf<Id extends MeasureId> = ById<Id> extends Measure<string, infer _, infer V> ? V : never
export type FindingOf<Id extends MeasureId> = Finding<ValuesOf<Id>>

/** What is asked of a measure: one form for each of the list. */
export type MeasureRequest<Id extends MeasureId = MeasureId> = {
  [Each in Id]: {
    id: Each
    settings: SettingsOf<Each>
    /** Keys of the runs to look at; absent: all of them, of a pair the first and the last. */
    runs?: readonly RunKey[]
  }
}[Id]

/** What a measure tells while it computes. */
export type MeasureNews<Id extends MeasureId = MeasureId> = {
  [Each in Id]: { id: Each; progress: MeasureProgress<ValuesOf<Each>> }
}[Id]

/** Every setting of the list by its name. */
export type MeasureSettings = UnionToIntersection<{ [Id in MeasureId]: SettingsOf<Id> }[MeasureId]>

type UnionToIntersection<U> = (U extends unknown ? (it: U) => void : never) extends (it: infer I) => void
  ? I
  : never

/** @throws BasinError `unsupported` */
export function measureOf(id: string): Measure {
  const found = (MEASURES as readonly Measure[]).find((one) => one.id === id)
  if (found) return found
  const known = MEASURES.map((one) => one.id).join(', ')
  throw new BasinError('unsupported', `measure: one of ${known}, got ${id}`)
}
