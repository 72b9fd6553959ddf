/** `summary`: a network's layers, shapes, parameters and floating-point operations; nothing is built on a device. */
import type { Command } from 'commander'
import { PAPERS } from '../core/config/models'
import type { RunConfig } from '../core/config/schema'
import { inputSide, networkSide } from '../core/data/inputShape'
import { datasetInfo } from '../core/data/registry'
import type { LayerRow } from '../core/models/network'
import { createNetwork } from '../core/models/registry'
import { type BlockRow, flopsPerStep, type NetworkSummary, summaryOf } from '../core/models/summary'
import { addConfigOptions, configOf } from './configOptions'
import { dataPorts } from './datasets'

export function addSummaryCommand(program: Command): void {
  const command = program
    .command('summary')
    .description(
      'Print a network: layers and shapes for one image, parameters, floating-point operations. ' +
        'For the images of --dataset; ResNets and EfficientNets without one for ImageNet’s, at their own resolution.',
    )
    .option('--blocks', 'one line a block in place of one a layer')
  addConfigOptions(command).action(async (options: Record<string, unknown>) => {
    const config = configOf(options)
    const images = await imagesOf(config, 'dataset' in options || 'input_size' in options)
    const network = createNetwork(config, images, images.numClasses)
    const lines = describe(summaryOf(network, config.model_name), config, options.blocks === true)
    console.log(lines.join('\n'))
  })
}

const IMAGENET_CLASSES = 1000

/** Networks whose paper trains them on ImageNet. */
const isForImageNet = (model: RunConfig['model_name']) =>
  PAPERS.some(({ title, models }) => /^(ResNet|EfficientNet)/.test(title) && models.some((m) => m === model))

async function imagesOf(config: RunConfig, chosen: boolean) {
  if (!chosen && isForImageNet(config.model_name)) {
    const side = networkSide(config.model_name)
    return { height: side, width: side, channels: 3, numClasses: IMAGENET_CLASSES }
  }
  const info = await datasetInfo(config.dataset, dataPorts())
  const side = inputSide(info, config)
  return { ...info, ...(side !== undefined && { height: side, width: side }) }
}

/** The table and the totals, line by line. */
export function describe(summary: NetworkSummary, config: RunConfig, byBlock: boolean): string[] {
  const rows: readonly (LayerRow | BlockRow)[] = byBlock ? summary.blocks : summary.layers
  const cells = rows.map((row) => [
    row.path,
    'kind' in row ? row.kind : `${row.kinds.length} layers`,
    shape(row.out),
    count(row.params),
    count(row.flops),
  ])
  const table = align([['layer', 'kind', 'output', 'parameters', 'operations'], ...cells])
  const gradients = config.sam_rho > 0 ? 2 : 1
  const step = flopsPerStep(summary.flops, config.batch_size, gradients)
  const { title, url } = summary.paper
  return [
    `${summary.name}: ${title}${url ? `, ${url}` : ''}`,
    `images ${shape(summary.input)}, ${summary.numClasses} classes`,
    '',
    ...table,
    '',
    `parameters             ${count(summary.params)}`,
    `batch-norm statistics  ${count(summary.stats)}`,
    ...(summary.gates > 0 ? [`draws an image          ${count(summary.gates)}`] : []),
    `forward pass           ${short(summary.flops)} FLOP an image`,
    `training step          ${short(step)} FLOP (batch ${config.batch_size}, ${gradients === 2 ? 'SAM' : 'SGD'})`,
  ]
}

const shape = (sizes: readonly number[]) => sizes.join(' × ')
const count = (value: number) => value.toLocaleString('en-US')

function short(value: number): string {
  const units = ['', 'k', 'M', 'G', 'T', 'P']
  const power = value < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3))
  return `${Number((value / 1000 ** power).toPrecision(3))} ${units[power]}`.trimEnd()
}

/** Columns of equal width; numbers to the right. */
function align(rows: readonly string[][]): string[] {
  const widths = rows[0].map((_, c) => Math.max(...rows.map((row) => row[c].length)))
  return rows.map((row) =>
    row
      .map((cell, c) => (c < 3 ? cell.padEnd(widths[c]) : cell.padStart(widths[c])))
      .join('  ')
      .trimEnd(),
  )
}
