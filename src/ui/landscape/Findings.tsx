/** Everything that can be measured, each in its own drawing. */
import { useLab } from '../store/labStore'
import { FindingsTable } from './FindingsTable'
import { VIEWS } from './views'

export function Findings() {
  const measures = useLab((lab) => lab.measures)
  return (
    <>
      {Object.entries(VIEWS).map(([id, View]) => (
        <View key={id} />
      ))}
      {measures
        .filter(({ id }) => !VIEWS[id])
        .map((info) => (
          <FindingsTable key={info.id} info={info} />
        ))}
    </>
  )
}
