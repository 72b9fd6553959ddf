/** What a run's record keeps of a finding, so that lists of runs show it without reading the measure's file. */
import type { RunRecord } from '../../library/record'
import type { Values } from './measure'

type Recorded = NonNullable<RunRecord['measured']>

const KEPT: Record<string, (values: Values) => Recorded> = {
  curvature: ({ eigenvalue, trace }) => ({
    ...known('lambda1', (eigenvalue as Float64Array | undefined)?.[0]),
    ...known('trace', trace),
  }),
  line: ({ width }) => known('width', width),
}

/** Empty where the measure has nothing that is kept, or has not found it yet. */
export const recordedOf = (id: string, values: Values): Recorded => KEPT[id]?.(values) ?? {}

const known = (name: keyof Recorded, value: unknown): Recorded =>
  typeof value === 'number' && Number.isFinite(value) ? { [name]: value } : {}
