/** What a measure found, as a file of its main table. */
import { csvOf, type Finding, type MeasureId, type MeasureInfo, tablesOf } from '../../worker/protocol'
import { SmallButton } from '../charts/SmallButton'
import { saveText } from '../files/save'
import { useLab } from '../store/labStore'

export function CsvButton({ id }: { id: MeasureId }) {
  const findings = useLab((lab) => lab.findings[id])
  const info = useLab((lab) => lab.measures.find((one) => one.id === id))
  const save = () => {
    if (!info || !findings) return
    const [main] = tablesOf(info, Object.values<Finding>(findings))
    saveText(csvName(info), csvOf(main))
  }
  return (
    <SmallButton disabled={!findings} onClick={save}>
      CSV
    </SmallButton>
  )
}

/** basin_1d_slice.csv */
const csvName = ({ title }: Pick<MeasureInfo, 'title'>) =>
  `basin_${title.replaceAll('-', '').replace(/\W+/g, '_').toLowerCase()}.csv`
