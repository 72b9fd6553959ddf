/** `sweep results|heatmap`: what the runs of a sweep have found, from Redis or from their folders. */
import { type Command, Option } from 'commander'
import { BasinError } from '../../base/errors'
import { markdown } from '../runs/experimentTable'
import { heatMap, heatMapCsv, heatMapText } from '../sweep/heatMap'
import { METRICS, type RunResult } from '../sweep/job'
import { planSweep, type SweepPlan } from '../sweep/plan'
import { folderResults, keptSweepFile } from '../sweep/resultFolder'
import { groupResults, overOf, type ResultGroup, resultRows, resultsCsv } from '../sweep/results'
import { fromUser } from '../terminal/paths'
import { withQueue } from './sweepQueueCommands'

interface From {
  redis?: string
  output_dir?: string
}

export function addSweepResultCommands(sweep: Command): void {
  const from = (name: string, about: string) =>
    sweep
      .command(name)
      .description(about)
      .argument('<name>', 'of the sweep')
      .addOption(new Option('--redis <url>', 'redis://[:PASSWORD@]HOST[:PORT]').env('BASIN_REDIS'))
      .option('--output_dir <folder>', 'from the runs’ folders there instead')
      .option('--csv', 'numbers with both ends of their intervals')
  from('results', 'Runs that differ in nothing but the seed as a line: mean ± half of the 95 % interval.')
    .option('--json', 'the same with the runs’ folders')
    .action(results)
  from('heatmap', 'A number over two settings, those that the sweep is over.')
    .requiredOption('--x <flag>', 'to the right')
    .requiredOption('--y <flag>', 'upwards')
    .option('--metric <name>', METRICS.join(', '), 'testErrorRate')
    .action(heatmap)
}

async function results(name: string, options: From & { csv?: true; json?: true }): Promise<void> {
  const groups = await groupsOf(name, options)
  if (options.json) console.log(JSON.stringify(groups, undefined, 2))
  else if (options.csv) process.stdout.write(resultsCsv(groups))
  else console.log(groups.length > 0 ? markdown(resultRows(groups)) : 'No run has ended yet.')
}

async function heatmap(
  name: string,
  options: From & { x: string; y: string; metric: string; csv?: true },
): Promise<void> {
  const map = heatMap(await groupsOf(name, options), options.x, options.y, options.metric)
  if (options.csv) process.stdout.write(heatMapCsv(map))
  else console.log(heatMapText(map).join('\n'))
}

/** In the plan's order. */
async function groupsOf(name: string, { redis, output_dir }: From): Promise<ResultGroup[]> {
  if (output_dir !== undefined) {
    const dir = fromUser(output_dir)
    const text = keptSweepFile(dir, name)
    const plan = text === undefined ? undefined : await planSweep(text, `${dir}/${name}/sweep.json`)
    const found = await folderResults(dir, name, (line) => console.error(line))
    if (found.length === 0) {
      throw new BasinError('config', `${dir}/${name}: runs of a sweep, got none`, 'Check --output_dir.')
    }
    return groupResults(inOrder(found, plan), plan?.over ?? overOf(found))
  }
  if (redis === undefined) {
    throw new BasinError('config', 'results: from --redis or --output_dir, got neither', 'Give one.')
  }
  return withQueue(redis, async (queue) => {
    const jobs = await queue.status(name)
    const plan = await queue.plan(name)
    const found = jobs.flatMap(({ result }) => (result ? [result] : []))
    return groupResults(inOrder(found, plan), plan.over)
  })
}

function inOrder(found: readonly RunResult[], plan: SweepPlan | undefined): RunResult[] {
  if (!plan) return [...found]
  const place = new Map(plan.runs.map(({ id }, i) => [id, i]))
  return found.filter(({ id }) => place.has(id)).toSorted((a, b) => place.get(a.id)! - place.get(b.id)!)
}
