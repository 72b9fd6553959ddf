/** `data`: what data sets there are and where they lie. */
import { join } from 'node:path'
import { Argument, type Command } from 'commander'
import { BUNDLED, type DatasetName, datasetInfo, datasetPath } from '../core/data/registry'
import { dataPorts } from './bundledData'
import { datasetsFolder } from './paths'

export function addDataCommand(program: Command): void {
  const data = program.command('data').description('The bundled data sets.')
  data
    .command('list', { isDefault: true })
    .description('Name, size and folder of each data set')
    .action(async () => {
      for (const name of BUNDLED) console.log(await describe(name))
    })
  data
    .command('path')
    .description('The folder of one data set')
    .addArgument(new Argument('<name>').choices(BUNDLED))
    .action((name: DatasetName) => console.log(folderOf(name)))
}

const folderOf = (name: DatasetName) => join(datasetsFolder(), datasetPath(name, ''))

async function describe(name: DatasetName): Promise<string> {
  const info = await datasetInfo(name, dataPorts())
  const { title, height, width, channels, numTrain, numTest, classNames } = info
  return [
    `${name}: ${title}`,
    `  ${numTrain} training and ${numTest} test images, ${height} × ${width} × ${channels}`,
    `  ${classNames.length} classes: ${classNames.join(', ')}`,
    `  ${folderOf(name)}`,
  ].join('\n')
}
