/** The panel's last line: what this experiment costs, and how long that takes here once steps were measured. */
import { formatCount, formatSeconds } from '../format'
import { useData } from '../store/dataStore'
import { useLab } from '../store/labStore'
import { costOf } from './cost'

export function CostLine() {
  const config = useLab((lab) => lab.config)
  const measured = useLab((lab) => lab.measured)
  const numTrain = useData((data) => data.datasets?.find(({ name }) => name === config.dataset)?.numTrain)
  const cost = costOf(config, numTrain)
  if (!Number.isFinite(cost.steps)) return <>The cost shows once the data set is here.</>
  if (cost.steps === 0) return <>No step fits: the batch size is larger than the number of training images.</>
  const what = cost.runs === 2 ? 'This pair' : 'This run'
  const comparable =
    measured && measured.model === config.model_name && measured.batchSize === config.batch_size
      ? measured
      : undefined
  return (
    <>
      {what}: {formatCount(cost.steps)} steps{cost.runs === 2 ? ' each' : ''},{' '}
      {formatCount(cost.gradientEvaluations)} gradient evaluations
      {comparable
        ? `, about ${formatSeconds(cost.gradientEvaluations / comparable.gradientsPerSecond)} here.`
        : '. The time shows after the first steps.'}
    </>
  )
}
