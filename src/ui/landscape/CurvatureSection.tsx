/** Curvature at each run's weights, in numbers: a column a run. */
import type { ReactNode } from 'react'
import type { ValuesOf } from '../../worker/protocol'
import { formatCount, formatNumber } from '../format'
import { ScrollRegion } from '../panels/ScrollRegion'
import { RunHeads } from '../runs/RunHeads'
import { CsvButton } from './CsvButton'
import { type Found, useFound } from './found'
import { MeasureSection } from './MeasureSection'
import { ASKED_HEIGHT, NotComputed } from './sliceChart'

type Values = ValuesOf<'curvature'>

interface Line {
  name: ReactNode
  key: string
  text(values: Values): string
}

/** A number and how far it may be off. */
const about = (value: number | undefined, off: number | undefined): string =>
  value === undefined || Number.isNaN(value)
    ? '–'
    : `${formatNumber(value)} ± ${off === undefined || Number.isNaN(off) ? '?' : formatNumber(off)}`

const sub = (index: ReactNode) => (
  <>
    λ<sub>{index}</sub>
  </>
)

function linesOf(count: number): Line[] {
  return [
    ...Array.from({ length: count }, (_, i) => ({
      key: `top ${i}`,
      name: sub(i + 1),
      text: ({ eigenvalue, residual }: Values) => about(eigenvalue[i], residual[i]),
    })),
    {
      key: 'smallest',
      name: sub('min'),
      text: ({ smallest, smallest_residual }) => about(smallest, smallest_residual),
    },
    ...(count >= 5
      ? [
          {
            key: 'ratio',
            name: (
              <>
                {sub(1)} / {sub(5)}
              </>
            ),
            text: ({ eigenvalue }: Values) => formatNumber(eigenvalue[0] / eigenvalue[4]),
          },
        ]
      : []),
    { key: 'trace', name: 'Trace', text: ({ trace, trace_error }) => about(trace, trace_error) },
    { key: 'loss', name: 'Loss', text: ({ loss }) => formatNumber(loss) },
    { key: 'gradient', name: '‖g‖', text: ({ gradient_norm }) => formatNumber(gradient_norm) },
    { key: 'along', name: 'gᵀHg / ‖g‖²', text: ({ gradient_curvature }) => formatNumber(gradient_curvature) },
    {
      key: 'products',
      name: 'Products',
      text: ({ products, converged }) =>
        `${formatCount(products)}${converged === false ? ', not settled' : ''}`,
    },
  ]
}

export function CurvatureSection() {
  return (
    <MeasureSection title="Curvature at the weights" name="The curvature">
      <CurvatureTables />
    </MeasureSection>
  )
}

function CurvatureTables() {
  const found = useFound('curvature')
  const [first] = found
  const count = Math.max(0, ...found.map(({ values }) => values.eigenvalue.length))
  return (
    <figure className="card figure" aria-label="Curvature">
      <div className="row figure-head">
        <figcaption>
          <strong>Hessian of the loss</strong>
          <span className="figure-subtitle">
            exact products; ± is ‖Hv − λv‖ of an eigenvalue, the standard error of the trace
          </span>
        </figcaption>
        <CsvButton id="curvature" />
      </div>
      {first ? (
        <>
          <Numbers label="Curvature: numbers" found={found} lines={linesOf(count)} />
          <details className="table-alternative">
            <summary>Trace by parameter</summary>
            <Numbers
              label="Trace by parameter"
              found={found}
              lines={first.values.parameter.map((parameter) => ({
                key: parameter,
                name: parameter,
                text: (values) => traceOf(values, parameter),
              }))}
            />
          </details>
          <p className="figure-note">
            Of the images and labels chosen above, in evaluation mode. The numbers change when layers are
            rescaled, though the network does not (Dinh et al., 2017): compare runs of one network.
          </p>
        </>
      ) : (
        <NotComputed height={ASKED_HEIGHT} />
      )}
    </figure>
  )
}

interface NumbersProps {
  label: string
  found: readonly Found<'curvature'>[]
  lines: readonly Line[]
}

function Numbers({ label, found, lines }: NumbersProps) {
  return (
    <ScrollRegion label={label}>
      <table className="numbers">
        <thead>
          <tr>
            <th scope="col">{formatCount(found[0].values.images)} images</th>
            <RunHeads runs={found.map(({ run }) => run)} />
          </tr>
        </thead>
        <tbody>
          {lines.map(({ key, name, text }) => (
            <tr key={key}>
              <th scope="row">{name}</th>
              {found.map(({ run, values }) => (
                <td key={run.key}>{text(values)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  )
}

/** Runs may be of different networks. */
function traceOf({ parameter: names, parameter_trace, parameter_error }: Values, name: string): string {
  const i = names.indexOf(name)
  return i < 0 ? '–' : about(parameter_trace[i], parameter_error[i])
}
