/** What methods do with vectors, by the engine's programs. */
import { applyFormula } from '../../engine/ops/flat/flat'
import { globalNorm } from '../../engine/ops/norm/norm'
import type { VectorMath } from '../optim/methods/method'

export const vectorMath: VectorMath = { apply: applyFormula, norm: globalNorm }
