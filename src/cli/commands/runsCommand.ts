/** `runs`: the runs of a folder as a table, one by one, as files, gone. */
import { readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Command } from 'commander'
import { BasinError } from '../../base/errors'
import { archiveName, keepRun, openRun, packRun } from '../../core/library/archive'
import { RunDocument } from '../../core/library/document'
import { listRuns } from '../../core/library/listing'
import { FolderDataStore } from '../../platform/node/folderDataStore'
import { onDisk, writeInto } from '../../platform/node/folders'
import { runsTable, runText } from '../runs/runsTable'
import { serveRuns } from '../runs/serveRuns'
import { fromUser } from '../terminal/paths'

export function addRunsCommand(program: Command): void {
  const command = program
    .command('runs')
    .description('The runs that train has written below a folder: a table, one of them, files of them.')
  command
    .command('list')
    .description('One line a run; with --group one for all that differ in nothing but the seed.')
    .argument('[folder]', 'where runs lie, at any depth', '.')
    .option('--group', 'mean ± half of the 95 % interval (Student’s t) over seeds, and how many')
    .option('--json', 'records instead of a table')
    .action(list)
  command
    .command('show')
    .description('What is known of a run.')
    .argument('<run>', 'its folder')
    .option('--json', 'its record')
    .action(show)
  command
    .command('export')
    .description('Write runs as .zip files, one each: their whole folders.')
    .argument('<run...>', 'their folders')
    .requiredOption('--output <folder>', 'where the files go')
    .action(exportRuns)
  command
    .command('import')
    .description('Unpack a run’s .zip into a folder named after its id; a damaged file changes nothing.')
    .argument('<file...>', 'run files')
    .requiredOption('--output <folder>', 'where the folders go')
    .action(importRuns)
  command
    .command('serve')
    .description('The page over the runs of a folder, on localhost, while they train elsewhere; read only.')
    .argument('[folder]', 'where runs lie, at any depth', '.')
    .option('--port <number>', 'instead of the first free one from 4173 on')
    .action(serve)
  command
    .command('rm')
    .description('Delete runs: everything that Basin has written into their folders.')
    .argument('<run...>', 'their folders')
    .action(remove)
}

async function list(folder: string, options: { group?: true; json?: true }): Promise<void> {
  const { runs, damaged } = await listRuns(new FolderDataStore(fromUser(folder)))
  for (const { folder: at, problem } of damaged) console.error(`${at || '.'}: ${problem}`)
  if (options.json) {
    const records = runs.map(({ folder: at, record }) => ({
      folder: join(folder, at).replace(/\/$/, ''),
      ...record,
    }))
    console.log(JSON.stringify(records, undefined, 2))
  } else console.log(runsTable(runs, options.group === true).join('\n'))
  if (damaged.length > 0) process.exitCode = 1
}

async function show(run: string, options: { json?: true }): Promise<void> {
  const { record } = await opened(run)
  console.log(options.json ? JSON.stringify(record, undefined, 2) : runText(record).join('\n'))
}

async function exportRuns(runs: string[], options: { output: string }): Promise<void> {
  const output = fromUser(options.output)
  // All are read before any is written.
  const documents = []
  for (const run of runs) documents.push(await opened(run))
  const taken = new Set<string>()
  for (const { files, folder, record } of documents) {
    let name = archiveName(record)
    for (let n = 2; taken.has(name); n++) name = archiveName(record).replace(/\.zip$/, `_${n}.zip`)
    taken.add(name)
    const path = join(output, name)
    const bytes = await packRun(files, folder)
    writeInto(path, bytes, 'Check the path.')
    console.log(path)
  }
}

async function importRuns(paths: string[], options: { output: string }): Promise<void> {
  const runs = paths.map((path) => {
    const at = fromUser(path)
    return openRun(new Uint8Array(onDisk(at, 'Check the path.', () => readFileSync(at))), basename(at))
  })
  const files = new FolderDataStore(fromUser(options.output))
  for (const run of runs) console.log(files.where(await keepRun(files, run)))
}

async function serve(folder: string, options: { port?: string }): Promise<void> {
  const at = fromUser(folder)
  if (!statSync(at, { throwIfNoEntry: false })?.isDirectory()) {
    throw new BasinError('config', `folder: one that is there, got ${folder}`)
  }
  const port = options.port === undefined ? undefined : Number(options.port)
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65536)) {
    throw new BasinError('config', `port: 1 to 65535, got ${options.port}`)
  }
  const root = process.env.BASIN_ROOT ?? '.'
  const { build } = await import('vite')
  await build({ root, logLevel: 'warn' })
  const address = await serveRuns(at, root, port)
  console.log(`\n  Basin shows the runs of ${at}: ${address}\n  Ctrl-C stops it.\n`)
  // Until the process is ended.
  await new Promise(() => {})
}

async function remove(runs: string[]): Promise<void> {
  const documents = []
  for (const run of runs) documents.push(await opened(run))
  for (const { files, record } of documents) {
    await files.remove(await files.keys(''))
    console.log(`${files.where('')}: ${record.name} is deleted`)
  }
}

/** @throws BasinError `file-format` where there is no run, or not a whole one */
async function opened(run: string): Promise<RunDocument> {
  const document = await RunDocument.open(new FolderDataStore(fromUser(run)), '')
  if (document) return document
  throw new BasinError(
    'file-format',
    `${run}: a run’s folder, with run.json, got none`,
    `List what there is: npm run runs -- list ${dirname(run)}`,
  )
}
