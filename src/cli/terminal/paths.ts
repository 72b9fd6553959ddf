/** Where things lie. npm runs scripts in the repository's root, but a path that a person types is meant from where they stand. */
import { join, resolve } from 'node:path'

/** A path from the command line as an absolute one. */
export function fromUser(path: string): string {
  return resolve(process.env.INIT_CWD ?? process.cwd(), path)
}

/** scripts/cli.mjs says where the repository is. */
export function repositoryRoot(): string {
  return process.env.BASIN_ROOT ?? process.cwd()
}

/** The folder of the bundled data sets. */
export function datasetsFolder(): string {
  return join(repositoryRoot(), 'public', 'datasets')
}

/** The folder of imported data sets: $BASIN_DATA, else `data` in the repository. */
export function importedFolder(): string {
  const chosen = process.env.BASIN_DATA
  return chosen ? fromUser(chosen) : join(repositoryRoot(), 'data')
}
