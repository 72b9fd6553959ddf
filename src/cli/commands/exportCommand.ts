/** `export`: weights of any kind to any other, from a file, a run's or a checkpoints' folder, or an archive. */
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { CONVERSIONS, type Conversion, convertWeights } from '../../core/weights/convertWeights'
import { writeInto } from '../../platform/node/folders'
import { readWeights } from '../runs/weightSource'
import { fromUser } from '../terminal/paths'
import { askWhichRun } from '../terminal/questions'

export function addExportCommand(program: Command): void {
  program
    .command('export')
    .description(
      'Write the weights of a checkpoint, a folder of checkpoints (the newest) or a .tar.gz in another format; ' +
        'of a folder with several runs below it asks which. ' +
        'flax is the whole training state, flax-pretrained what the reference fine-tunes from, tfjs a folder.',
    )
    .argument('<path>', 'weight file, archive, run folder or checkpoints folder')
    .addOption(new Option('--format <name>', 'What to write').choices(CONVERSIONS).default('safetensors'))
    .requiredOption('--output <path>', 'The file to write; for tfjs the folder')
    .action(async (path: string, options: { format: Conversion; output: string }) => {
      const files = convertWeights(await readWeights(fromUser(path), askWhichRun), options.format)
      for (const written of writeFiles(fromUser(options.output), files)) console.log(written)
    })
}

/** One file goes to `output`, several into it. @returns the paths */
function writeFiles(output: string, files: Map<string, Uint8Array>): string[] {
  const single = files.size === 1
  return [...files].map(([name, bytes]) => {
    const path = single ? output : join(output, name)
    writeInto(path, bytes, 'Choose another --output.')
    return path
  })
}
