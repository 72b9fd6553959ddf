/** Where all runs of the list stand, a setting against a metric; the picked ones in their colours. */
import { NativeSelect } from '@mantine/core'
import { Suspense, useMemo } from 'react'
import { fieldMeta } from '../../core/config/schema'
import { encodeCsv } from '../../core/formats/csv'
import { Figure } from '../charts/Figure'
import { formatSetting } from '../format'
import { retriedLazy } from '../panels/retriedLazy'
import { changeView, useLibrary } from '../store/libraryStore'
import { NUMBER_COLUMNS, numberText } from './columns'
import { drawnGroups } from './drawnGroups'
import type { ScatterSeries } from './ScatterView'
import { metricOf, scatterOf, settingOf, settingsOf } from './scatter'
import { usePicked } from './usePicked'

const HEIGHT = 280
const TABLE_ROWS = 200

const ScatterView = retriedLazy(() => import('./ScatterView'))

export function Scatter() {
  const all = useLibrary(({ runs }) => runs)
  const view = useLibrary(({ view }) => view)
  const picked = usePicked()
  const { setting: settingText, metric: metricText, byGroup, hidden } = view
  const [setting, metric] = [settingOf(settingText), metricOf(metricText)]
  const runs = useMemo(
    () => all?.filter(({ record }) => !record.curvesOnly && (hidden || !record.hidden)) ?? [],
    [all, hidden],
  )
  const { points, axis } = useMemo(() => scatterOf(runs, setting, metric), [runs, setting, metric])
  const series = useMemo(() => {
    const groups = drawnGroups(picked, byGroup)
    const of = new Map(groups.flatMap((group) => group.runs.map(({ record }) => [record.id, group] as const)))
    const others: ScatterSeries = {
      key: 'others',
      label: picked.length > 0 ? 'not picked' : 'runs',
      color: picked.length > 0 ? 'var(--mantine-color-default-border)' : 'var(--run-1)',
      points: points.filter(({ run }) => !of.has(run)),
    }
    return [
      others,
      ...groups.map(
        (group): ScatterSeries => ({
          ...group,
          points: points.filter(({ run }) => of.get(run) === group),
        }),
      ),
    ]
  }, [points, picked, byGroup])
  const settings = useMemo(() => settingsOf(runs, setting), [runs, setting])
  const files = useMemo(() => {
    const rows = points.map(({ name, x, y }) => [name, axis.names?.[x] ?? x, y])
    return { csv: () => encodeCsv(['run', setting, metric.id], rows) }
  }, [points, axis, setting, metric])
  if (runs.length < 2) return null
  const label = fieldMeta(setting).label
  const xText = (x: number) => axis.names?.[x] ?? formatSetting(x)
  return (
    <Figure
      title={`${metric.header} by ${label}`}
      subtitle={`${points.length} runs`}
      description={`${metric.header} of ${points.length} runs over ${label}.`}
      height={HEIGHT}
      empty={points.length === 0}
      legend={series.filter(({ points }) => points.length > 0)}
      files={files}
      table={() => ({
        header: ['Run', label, metric.header],
        rows: points.slice(0, TABLE_ROWS).map(({ name, x, y }) => [name, xText(x), numberText(metric, y)]),
      })}
      actions={
        <div className="row scatter-choices">
          <NativeSelect
            size="xs"
            aria-label="Metric of the scatter"
            value={metric.id}
            data={NUMBER_COLUMNS.map(({ id, header }) => ({ value: id, label: header }))}
            onChange={(event) => changeView({ metric: event.currentTarget.value })}
          />
          <span>by</span>
          <NativeSelect
            size="xs"
            aria-label="Setting of the scatter"
            value={setting}
            data={settings.map((name) => ({ value: name, label: fieldMeta(name).label }))}
            onChange={(event) => changeView({ setting: event.currentTarget.value })}
          />
        </div>
      }
    >
      {points.length > 0 ? (
        <Suspense fallback={<div style={{ height: HEIGHT }} />}>
          <ScatterView
            series={series}
            names={axis.names}
            log={axis.log}
            xLabel={label}
            text={(value) => numberText(metric, value)}
            height={HEIGHT}
          />
        </Suspense>
      ) : (
        <div className="empty" style={{ height: HEIGHT }}>
          No run has this number
        </div>
      )}
    </Figure>
  )
}
