/** `data`: the data sets there are; official archives in, checked again, out. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Argument, type Command, Option } from 'commander'
import { BasinError } from '../../base/errors'
import { bytesText } from '../../base/units'
import { KNOWN_DATASETS } from '../../core/data/catalog/catalog'
import { BUNDLED, openDataset } from '../../core/data/catalog/manifests'
import { IMAGE_SIZES } from '../../core/data/import/importPlan'
import { type StoredDataset, storedBytes } from '../../core/data/library'
import { withFolderLock } from '../../platform/node/folderLock'
import { fetchArchives } from '../data/dataFetch'
import { type ImportSettings, importPaths } from '../data/dataImport'
import { dataPorts, folderOf, NodeLibrary } from '../data/datasets'
import { watchInterrupts } from '../runs/interrupts'
import { wholeNumber } from '../terminal/options'
import { fromUser } from '../terminal/paths'
import { ask } from '../terminal/questions'

interface ImportFlags {
  name?: string
  image_size?: number
  labels: 'fine' | 'coarse'
  store?: 'raw' | 'jpeg'
  yes?: true
  copy?: true
}

export function addDataCommand(program: Command): void {
  const data = program
    .command('data')
    .description(
      'The data sets: list (what is done when nothing is said), path, import, verify, remove, fetch.',
    )
  data
    .command('list')
    .description('Every data set here, and those that Basin knows how to import')
    .action(list)
  data
    .command('path')
    .description('The folder of one data set')
    .argument('<name>')
    .action(async (name: string) => {
      const record = await new NodeLibrary().get(name)
      if (!record && !BUNDLED.includes(name)) throw absent(name)
      console.log(folderOf(name, record))
    })
  addImportOptions(
    data
      .command('import')
      .description('Import official archives or folders of images. A folder is read in place, unless --copy.')
      .argument('<path...>', 'archives, or one folder'),
  ).action(async (paths: string[], flags: ImportFlags) => {
    await withInterrupts((signal) => importPaths(paths.map(fromUser), settingsOf(flags), signal))
  })
  data
    .command('verify')
    .description('Read every shard of a data set and compare it with its checksum')
    .argument('[name]', 'default: all')
    .action(verify)
  data
    .command('remove')
    .description('Delete an imported data set')
    .argument('<name>')
    .option('--yes', 'without asking')
    .action(remove)
  addImportOptions(
    data
      .command('fetch')
      .description('Download a data set’s official archives, check them, import them')
      .addArgument(new Argument('<name>').choices(KNOWN_DATASETS.map(({ name }) => name))),
  ).action(async (name: string, flags: ImportFlags) => {
    await withInterrupts(async (signal) => {
      const folder = await mkdtemp(join(tmpdir(), 'basin-'))
      try {
        const files = await fetchArchives(name, folder, (line) => console.error(line), signal)
        await importPaths(files, { ...settingsOf(flags), copy: true }, signal)
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    })
  })
  // After the subcommands, which would inherit that they take any words.
  data.allowExcessArguments().action(async () => {
    const [word] = data.args
    if (word !== undefined) throw noSubcommand(word, data)
    await list()
  })
}

function noSubcommand(word: string, data: Command): BasinError {
  const names = data.commands.map((command) => command.name())
  return new BasinError(
    'config',
    `data: one of ${names.join(', ')}, got ${word}`,
    'npm run data -- --help says what each does.',
  )
}

function addImportOptions(command: Command): Command {
  return command
    .option('--name <name>', 'another name than the recognised one')
    .option(
      '--image_size <pixels>',
      'edge that pictures are stored at (default: 256 for known photographs, else 64)',
      wholeNumber(IMAGE_SIZES.min, IMAGE_SIZES.max),
    )
    .addOption(
      new Option('--labels <kind>', 'CIFAR-100’s labels').choices(['fine', 'coarse']).default('fine'),
    )
    .addOption(
      new Option(
        '--store <how>',
        'pictures as pixels, or as JPEGs (default: JPEGs where pixels take more than 16 GiB)',
      ).choices(['raw', 'jpeg']),
    )
    .option('--copy', 'store a folder’s images as shards instead of reading it in place')
    .option('--yes', 'import although it is not the official archive')
}

const settingsOf = ({ name, image_size, labels, store, yes, copy }: ImportFlags): ImportSettings => ({
  name,
  imageSize: image_size,
  labels,
  encoding: store,
  copy: copy === true,
  confirm: (note) => (yes ? Promise.resolve(true) : ask(`${note}\nImport it all the same?`)),
  note: (line) => console.log(line),
})

async function withInterrupts(body: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const interrupts = watchInterrupts(() => console.error('Interrupted: nothing half is kept…'))
  try {
    await body(interrupts.signal)
  } catch (error) {
    const code = interrupts.exitCode()
    if (code === undefined) throw error
    process.exitCode = code
  } finally {
    interrupts.dispose()
  }
}

async function list(): Promise<void> {
  const library = new NodeLibrary()
  const records = await library.list()
  for (const name of BUNDLED) {
    if (!records.some(({ manifest }) => manifest.name === name)) console.log(await describe(name, undefined))
  }
  for (const record of records) console.log(await describe(record.manifest.name, record))
  for (const { name, reason } of await library.damaged()) {
    console.log(`${name}: damaged\n  ${reason}\n  npm run data -- remove ${name}, then import it again`)
  }
  const here = new Set([...BUNDLED, ...records.map(({ manifest }) => manifest.name)])
  console.log('\nNot here yet:')
  for (const { name, title, files, home, licence } of KNOWN_DATASETS) {
    if (!here.has(name)) console.log(`${name}: ${title}\n  import ${files}\n  ${home} (${licence})`)
  }
}

async function describe(name: string, record: StoredDataset | undefined): Promise<string> {
  const { manifest } = await openListed(name, record)
  const { title, height, width, channels, splits, class_names: classes } = manifest
  const shown = classes.length > 20 ? `${classes.slice(0, 20).join(', ')}, …` : classes.join(', ')
  const lines = [
    `${name}: ${title}`,
    `  ${splits.train} training and ${splits.test} test images, ${height} × ${width} × ${channels}`,
    `  ${classes.length} classes: ${shown}`,
  ]
  if (record) {
    lines.push(`  ${record.verification}: ${record.verification_note}`)
    if (record.num_skipped > 0) lines.push(`  ${record.num_skipped} files were passed over`)
    const bytes = record.in_place ? 'read in place' : bytesText(storedBytes(record))
    lines.push(`  ${bytes}, imported ${record.imported_at.slice(0, 10)} from ${record.origin.join(', ')}`)
  }
  lines.push(`  ${manifest.licence}`, `  ${folderOf(name, record)}`)
  return lines.join('\n')
}

/** The list needs no pixels, so a folder that is read in place is not read for it. */
const openListed = (name: string, record: StoredDataset | undefined) =>
  record ? Promise.resolve(record) : openDataset(name, dataPorts())

async function verify(name: string | undefined): Promise<void> {
  const library = new NodeLibrary()
  const names = name ? [name] : await allNames(library)
  const all = names.length > 0 ? names : [...BUNDLED]
  for (const each of all) {
    const { manifest, readShard } = await openDataset(each, dataPorts())
    for (const shard of manifest.shards) await readShard(shard)
    const record = await library.get(each)
    const images = manifest.splits.train + manifest.splits.test
    console.log(`${each}: ${manifest.shards.length} shards with ${images} images match their checksums`)
    if (record) console.log(`  ${record.verification}: ${record.verification_note}`)
  }
}

/** The damaged ones too, last: verifying one of them says what is wrong. */
async function allNames(library: NodeLibrary): Promise<string[]> {
  const records = await library.list()
  const damaged = await library.damaged()
  return [...records.map(({ manifest }) => manifest.name), ...damaged.map(({ name }) => name)]
}

async function remove(name: string, { yes }: { yes?: true }): Promise<void> {
  const library = new NodeLibrary()
  const record = await library.get(name).catch(() => undefined)
  const known = (await library.store.keys('dataset/')).includes(`dataset/${name}`)
  if (!known) throw absent(name)
  const what = record?.in_place ? `the entry ${name} (its folder stays)` : `${name} and its shards`
  if (!yes && !(await ask(`Delete ${what}?`))) return
  await library.remove(name)
  // What a damaged set left; an import that is at work begins with it anyway.
  if (!record) await withFolderLock(library.folder.root, () => library.sweep()).catch(() => {})
  console.log(`${name}: deleted`)
}

const absent = (name: string) =>
  new BasinError(
    'data-missing',
    `${name}: no imported data set of this name`,
    'npm run data -- list shows all.',
  )
