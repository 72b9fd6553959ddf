/** The chosen network for the chosen images: what it costs, its blocks as a diagram, its layers as a table. */
import { Fragment } from 'react'
import { bytesText } from '../../base/units'
import type { RunConfig } from '../../core/config/schema'
import { gradientsOf } from '../../core/runs/runSpec'
import type { NetworkSummary } from '../../worker/protocol'
import { formatCount } from '../format'
import { ScrollRegion } from '../panels/ScrollRegion'
import { formRuns } from '../runs/shownRuns'
import { useLab } from '../store/labStore'
import { stagesOf } from './stages'

/** A gradient is one pass forward and two of its size back. */
const PASSES_PER_GRADIENT = 3

/** Of a long run's steps, which may differ. */
const SOME_STEPS = 1000
const gradientsAStep = (run: { config: RunConfig }) => gradientsOf(run, SOME_STEPS) / SOME_STEPS

export function NetworkFacts() {
  const plan = useLab((lab) => lab.plan)
  const config = useLab((lab) => lab.config)
  const all = formRuns(config)
  const [first] = all
  if (!plan || plan.summary.name !== first.config.model_name) return null
  const { summary, memory } = plan
  // The plan counts the first run's network, which the others need not have.
  const alike = all.every(
    (run) => run.config.model_name === first.config.model_name && run.config.dataset === first.config.dataset,
  )
  const runs = alike ? all : [first]
  const images = runs.reduce((sum, run) => sum + gradientsAStep(run) * run.config.batch_size, 0)
  const flops = PASSES_PER_GRADIENT * plan.flopsPerImage * images
  return (
    <div className="network">
      <p className="network-facts">
        {formatCount(summary.params)} parameters, {flopsText(flops)} a step
        {ofWhom(runs.length, first.label, all.length)}, about {bytesText(memory.total)} on the device. Images
        of {summary.input.join(' × ')}.
      </p>
      <Diagram summary={summary} />
      <details>
        <summary>All {summary.layers.length} layers</summary>
        <LayerTable summary={summary} />
      </details>
    </div>
  )
}

function ofWhom(counted: number, first: string, all: number): string {
  if (all === 1) return ''
  if (counted === 1) return ` of ${first}`
  return counted === 2 ? ' of both runs' : ` of all ${counted} runs`
}

/** From the image at the top to the classes at the bottom; a bar is as wide as its map has channels, roughly. */
function Diagram({ summary }: { summary: NetworkSummary }) {
  const stages = stagesOf(summary.blocks)
  const most = Math.max(...stages.map(({ out }) => out[out.length - 1]))
  return (
    <ol className="plain-list network-diagram" aria-label={`Blocks of ${summary.name}`}>
      {stages.map(({ key, name, count, kinds, out }) => (
        <li key={key} title={kinds.join(', ')}>
          <span className="network-bar" style={{ width: `${barWidth(out[out.length - 1], most)}%` }} />
          <span className="network-block">
            {name}
            {count > 1 && <b> × {count}</b>}
          </span>
          <span className="network-shape">{out.join(' × ')}</span>
        </li>
      ))}
    </ol>
  )
}

/** By the logarithm: 3 and 2048 channels on one scale. */
const barWidth = (channels: number, most: number) => (100 * Math.log2(1 + channels)) / Math.log2(1 + most)

function LayerTable({ summary }: { summary: NetworkSummary }) {
  return (
    <ScrollRegion className="network-scroll" label={`Layers of ${summary.name}`}>
      <table className="network-layers">
        <thead>
          <tr>
            <th scope="col">Layer</th>
            <th scope="col">Output</th>
            <th scope="col">Parameters</th>
          </tr>
        </thead>
        <tbody>
          {summary.layers.map(({ path, kind, out, params }) => (
            <tr key={`${path} ${kind}`}>
              <th scope="row">
                <Breakable path={path} />
                <span className="row-note">{kind}</span>
              </th>
              <td>{out.join(' × ')}</td>
              <td>{formatCount(params)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  )
}

/** Where a path may go on in the next line: after a slash, before a word inside a name. */
const BREAKS = /(?<=\/)|(?<=[a-z])(?=[A-Z])|(?<=\w)(?=_[a-z])/

function Breakable({ path }: { path: string }) {
  return path.split(BREAKS).map((part, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a part may stand twice in a path
    <Fragment key={i}>
      {i > 0 && <wbr />}
      {part}
    </Fragment>
  ))
}

const UNITS = ['', 'k', 'M', 'G', 'T', 'P']

function flopsText(value: number): string {
  const power = value < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(value) / 3))
  return `${Number((value / 1000 ** power).toPrecision(3))} ${UNITS[power]}FLOP`
}
