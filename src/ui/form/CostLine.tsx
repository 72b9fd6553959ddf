/** The panel's last line: what this experiment costs, and how long that takes here once steps were measured. */
import { useMemo } from 'react'
import { formatCount, formatSeconds } from '../format'
import { formRuns } from '../runs/shownRuns'
import { kindOf } from '../runs/speed'
import { useData } from '../store/dataStore'
import { useLab } from '../store/labStore'
import { sessionCost } from './cost'

export function CostLine() {
  const config = useLab((lab) => lab.config)
  const measured = useLab((lab) => lab.measured)
  const datasets = useData((data) => data.datasets)
  const { steps, gradientEvaluations } = useMemo(
    () => sessionCost(config, (dataset) => datasets?.find(({ name }) => name === dataset)?.numTrain),
    [config, datasets],
  )
  if (!steps.every(Number.isFinite)) return <>The cost shows once the data set is here.</>
  if (steps.includes(0))
    return <>No step fits: the batch size is larger than the number of training images.</>
  const here = measured?.on === kindOf(formRuns(config)) ? measured.gradientsPerSecond : undefined
  return (
    <>
      {WHAT[steps.length - 1] ?? `These ${steps.length} runs`}: {stepsText(steps)},{' '}
      {formatCount(gradientEvaluations)} gradient evaluations
      {here
        ? `, about ${formatSeconds(gradientEvaluations / here)} here.`
        : '. The time shows after the first steps.'}
    </>
  )
}

const WHAT = ['This run', 'This pair']

function stepsText(steps: readonly number[]): string {
  const [least, most] = [Math.min(...steps), Math.max(...steps)]
  if (least < most) return `${formatCount(least)} to ${formatCount(most)} steps`
  return `${formatCount(most)} steps${steps.length > 1 ? ' each' : ''}`
}
