/** Which flat vectors a weight file is made of, and under which names their pieces stand. */
export interface WeightVectors {
  /** [P] */
  theta: Float32Array
  /** [S] */
  batchStats: Float32Array
  optimizer?: { momentum: Float32Array; meanSquare?: Float32Array }
  ema?: { theta: Float32Array; batchStats: Float32Array }
}

export interface PartEntry {
  name: string
  shape: readonly number[]
  offset: number
  size: number
}

export interface WeightPart {
  entries: readonly PartEntry[]
  prefix: string
  values: Float32Array
}

/** What of a network decides its files; a Network is one. */
export interface PartLayout {
  params: { entries: readonly PartEntry[]; size: number }
  stats: { entries: readonly PartEntry[]; size: number }
  /** Paths of modules without parameters, which a Flax file keeps as empty maps. */
  emptyModules?: readonly string[]
}

// A statistic's name begins with a slash, so `ema` needs none before it.
export const PREFIXES = {
  momentum: 'optimizer/momentum/',
  meanSquare: 'optimizer/mean_square/',
  ema: 'ema/',
  emaStats: 'ema',
}

/** The vectors that are there, in the order of the file. */
export function parts(layout: PartLayout, vectors: WeightVectors): WeightPart[] {
  const { theta, batchStats, optimizer, ema } = vectors
  const params = layout.params.entries
  const stats = layout.stats.entries
  return [
    { entries: params, prefix: '', values: theta },
    { entries: stats, prefix: '', values: batchStats },
    { entries: params, prefix: PREFIXES.momentum, values: optimizer?.momentum },
    { entries: params, prefix: PREFIXES.meanSquare, values: optimizer?.meanSquare },
    { entries: params, prefix: PREFIXES.ema, values: ema?.theta },
    { entries: stats, prefix: PREFIXES.emaStats, values: ema?.batchStats },
  ].filter((part): part is WeightPart => part.values !== undefined)
}

/** Which of the optional vectors a file's names speak of; their values are still to be filled. */
export function emptyVectors(layout: PartLayout, names: Iterable<string>): WeightVectors {
  const { params, stats } = layout
  const all = [...names]
  const has = (prefix: string) => all.some((name) => name.startsWith(prefix))
  const meanSquare = has(PREFIXES.meanSquare)
  return {
    theta: new Float32Array(params.size),
    batchStats: new Float32Array(stats.size),
    ...((has(PREFIXES.momentum) || meanSquare) && {
      optimizer: {
        momentum: new Float32Array(params.size),
        ...(meanSquare && { meanSquare: new Float32Array(params.size) }),
      },
    }),
    ...(has(PREFIXES.ema) && {
      ema: { theta: new Float32Array(params.size), batchStats: new Float32Array(stats.size) },
    }),
  }
}
