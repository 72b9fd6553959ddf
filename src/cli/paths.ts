/** Where things lie. npm runs scripts in the repository's root, but a path that a person types is meant from where they stand. */
import { join, resolve } from 'node:path'

/** A path from the command line as an absolute one. */
export function fromUser(path: string): string {
  return resolve(process.env.INIT_CWD ?? process.cwd(), path)
}

/** The folder of the bundled data sets; scripts/cli.mjs says where the repository is. */
export function datasetsFolder(): string {
  return join(process.env.BASIN_ROOT ?? process.cwd(), 'public', 'datasets')
}
