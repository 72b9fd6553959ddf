/** `summary`: a network's layers, shapes, parameters and floating-point operations; nothing is built on a device. */
import type { Command } from 'commander'
import { alignedLines } from '../../base/textTable'
import { bytesText } from '../../base/units'
import type { RunConfig } from '../../core/config/schema'
import { datasetInfo } from '../../core/data/catalog/manifests'
import { inputSide } from '../../core/data/inputShape'
import type { LayerRow } from '../../core/models/network'
import { createNetwork } from '../../core/models/registry'
import { type BlockRow, flopsPerStep, type NetworkSummary, summaryOf } from '../../core/models/summary'
import { costAt, methodOf } from '../../core/optim/methods'
import { partsText, planMemory } from '../../core/plan/memoryPlan'
import { runSpecs } from '../../core/runs/runSpec'
import { dataPorts } from '../data/datasets'
import { addConfigOptions, configOf } from '../terminal/configOptions'
import { networkTable, paperImages } from '../terminal/networkTable'
import { shortCount } from '../terminal/units'

export function addSummaryCommand(program: Command): void {
  const command = program
    .command('summary')
    .description(
      'Print a network: layers and shapes for one image, parameters, floating-point operations. ' +
        'For the images of its paper (Fashion-MNIST’s for mlp and cnn_small), as --all, or those of --dataset, ' +
        '--input_size or --preset.',
    )
    .option('--blocks', 'one line a block in place of one a layer')
    .option('--all', 'a line for every network, on the images of its paper, in place of one network’s layers')
  addConfigOptions(command).action(async (options: Record<string, unknown>) => {
    if (options.all === true) {
      console.log(networkTable().join('\n'))
      return
    }
    const config = configOf(options)
    const chosen = ['dataset', 'input_size', 'preset'].some((name) => name in options)
    const images = chosen ? await imagesOf(config) : paperImages(config.model_name)
    const network = createNetwork(config, images, images.numClasses)
    const lines = describe(summaryOf(network, config.model_name), config, options.blocks === true)
    const runs = runSpecs(config).map((spec) => ({
      network: createNetwork(spec.config, images, images.numClasses),
      config: spec.config,
    }))
    const memory = planMemory(runs, 'webgpu')
    lines.push(`memory on WebGPU       ${bytesText(memory.total)}: ${partsText(memory)}`)
    console.log(lines.join('\n'))
  })
}

async function imagesOf(config: RunConfig) {
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
  const head = ['layer', 'kind', 'output', 'parameters', 'operations']
  const table = alignedLines([head, ...cells], (column) => column > 2)
  const method = methodOf(config)
  const step = flopsPerStep(summary.flops, config.batch_size, costAt(config, 0))
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
    `forward pass           ${shortCount(summary.flops)} FLOP an image`,
    `training step          ${shortCount(step)} FLOP (batch ${config.batch_size}, ${method.title})`,
  ]
}

const shape = (sizes: readonly number[]) => sizes.join(' × ')
const count = (value: number) => value.toLocaleString('en-US')
