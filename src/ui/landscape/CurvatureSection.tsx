/** Curvature at each run's weights, in numbers: a column a run. */
import type { ReactNode } from 'react'
import type { ValuesOf } from '../../worker/protocol'
import { formatCount, formatNumber } from '../format'
import { Panel } from '../panels/Panel'
import { RunMark } from '../runs/RunMark'
import { useLab } from '../store/labStore'
import { CsvButton } from './CsvButton'
import { landscapeRuns } from './landscapeRuns'
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
    <>
      <h2 className="between">Curvature at the weights</h2>
      <Panel name="The curvature">
        <CurvatureTables />
      </Panel>
    </>
  )
}

function CurvatureTables() {
  const findings = useLab((lab) => lab.findings.curvature)
  const runs = useLab(landscapeRuns)
  const found = runs.flatMap((run) =>
    findings?.[run.key] ? [{ run, values: findings[run.key].values }] : [],
  )
  const [first] = found
  const count = Math.max(0, ...found.map(({ values }) => values.eigenvalue.length))
  const head = (
    <thead>
      <tr>
        <th scope="col">{first ? `${formatCount(first.values.images)} images` : ''}</th>
        {found.map(({ run }) => (
          <th key={run.key} scope="col">
            <RunMark run={run} /> {run.label}
          </th>
        ))}
      </tr>
    </thead>
  )
  return (
    <figure className="card figure" aria-label="Curvature">
      <div className="figure-head">
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
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region needs focus */}
          <section className="table-scroll" tabIndex={0} aria-label="Curvature: numbers">
            <table className="numbers">
              {head}
              <tbody>
                {linesOf(count).map(({ key, name, text }) => (
                  <tr key={key}>
                    <th scope="row">{name}</th>
                    {found.map(({ run, values }) => (
                      <td key={run.key}>{text(values)}</td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
          <details className="table-alternative">
            <summary>Trace by parameter</summary>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region needs focus */}
            <section className="table-scroll" tabIndex={0} aria-label="Trace by parameter">
              <table className="numbers">
                {head}
                <tbody>
                  {first.values.parameter.map((parameter) => (
                    <tr key={parameter}>
                      <th scope="row">{parameter}</th>
                      {found.map(({ run, values }) => (
                        <td key={run.key}>{traceOf(values, parameter)}</td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
            </section>
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

/** Runs may be of different networks. */
function traceOf({ parameter: names, parameter_trace, parameter_error }: Values, name: string): string {
  const i = names.indexOf(name)
  return i < 0 ? '–' : about(parameter_trace[i], parameter_error[i])
}
