/** `export`: weights of any kind to any other, from a file, a run's or a checkpoints' folder, or an archive. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type Command, Option } from 'commander'
import { BasinError } from '../core/errors'
import { newestPath } from '../core/formats/checkpointNames'
import { CONVERSIONS, type Conversion, convertWeights } from '../core/formats/convertWeights'
import { openWeightFile, type WeightBytes } from '../core/formats/weightArchive'
import { decodeWeights } from '../core/formats/weights'
import { fromUser } from './paths'

export function addExportCommand(program: Command): void {
  program
    .command('export')
    .description(
      'Write the weights of a checkpoint, a folder of checkpoints (the newest) or a .tar.gz in another format. ' +
        'flax is the whole training state, flax-pretrained what the reference fine-tunes from, tfjs a folder.',
    )
    .argument('<path>', 'weight file, archive, run folder or checkpoints folder')
    .addOption(new Option('--format <name>', 'What to write').choices(CONVERSIONS).default('safetensors'))
    .requiredOption('--output <path>', 'The file to write; for tfjs the folder')
    .action(async (path: string, options: { format: Conversion; output: string }) => {
      const { filename, bytes } = await openWeights(fromUser(path))
      const files = convertWeights(decodeWeights(bytes, filename), options.format)
      for (const written of writeFiles(fromUser(options.output), files)) console.log(written)
    })
}

/**
 * The bytes of a weight file, or of the newest checkpoint in a folder or archive.
 * @throws BasinError `file-format` when there is none
 */
export async function openWeights(path: string): Promise<WeightBytes> {
  const file = statSync(path, { throwIfNoEntry: false })?.isDirectory() ? newestIn(path) : path
  try {
    return await openWeightFile(new Uint8Array(readFileSync(file)), file)
  } catch (error) {
    if (error instanceof BasinError) throw error
    throw new BasinError('file-format', `${file}: ${(error as Error).message}`, 'Check the path.')
  }
}

function newestIn(folder: string): string {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const newest = newestPath(paths.map((path) => path.replaceAll('\\', '/')))
  if (newest !== undefined) return join(folder, newest)
  throw new BasinError(
    'file-format',
    `${folder}: a checkpoint_<number> in the folder, got none`,
    'Give a folder of checkpoints, or one weight file.',
  )
}

/** One file goes to `output`, several into it. @returns the paths */
function writeFiles(output: string, files: Map<string, Uint8Array>): string[] {
  const single = files.size === 1
  return [...files].map(([name, bytes]) => {
    const path = single ? output : join(output, name)
    try {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, bytes)
    } catch (error) {
      throw new BasinError(
        'storage',
        `${basename(path)}: ${(error as Error).message}`,
        'Choose another --output.',
      )
    }
    return path
  })
}
