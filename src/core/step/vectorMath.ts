/** What methods do with vectors, by the engine's programs. */

import { dotProduct } from '../../engine/ops/dot/dot'
import { applyFormula } from '../../engine/ops/flat/flat'
import { globalNorm } from '../../engine/ops/norm/norm'
import { standardNormals } from '../../engine/ops/normals/normals'
import type { VectorMath } from '../optim/methods/method'

export const vectorMath: VectorMath = {
  apply: applyFormula,
  norm: globalNorm,
  dot: dotProduct,
  normals: ({ size }, key) => standardNormals(size, key),
}
