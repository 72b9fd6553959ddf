/** Surfaces as bodies, as they are drawn. */
import { zipSync } from 'fflate'
import { heightsOf, stlOf, vtpOf } from '../../worker/protocol'
import type { DrawnBasin } from './basin'
import { sharedRange } from './displaySurface'
import type { ScaleChoice } from './lossScale'

export interface NamedFile {
  name: string
  bytes: Uint8Array
}

/** @param name of the files, before the run's key */
export function bodyFiles(
  drawn: readonly DrawnBasin[],
  ending: 'vtp' | 'stl',
  choice: ScaleChoice & { exaggeration: number },
  name: string,
): NamedFile {
  const heights = heightsOf(
    drawn.map(({ surface }) => sharedRange([surface])),
    choice,
  )
  const files = drawn.map(({ run, surface: { x, y, z }, error }): NamedFile => {
    const grid = { x, y, loss: Float64Array.from(z.flat()), error: Float64Array.from(error.flat()) }
    const bytes = ending === 'vtp' ? vtpOf(grid) : stlOf(grid, heights, choice.exaggeration, run.label)
    return { name: `${name}_${run.key}.${ending}`, bytes }
  })
  // One file as it is, several in an archive.
  if (files.length === 1) return files[0]
  const entries = Object.fromEntries(files.map((file) => [file.name, file.bytes]))
  return { name: `${name}_${ending}.zip`, bytes: zipSync(entries) }
}
