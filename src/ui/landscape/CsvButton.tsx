/** What a measure found, as files: its main table, and all of it. */
import { csvOf, type Finding, type MeasureId, type MeasureInfo, tablesOf } from '../../worker/protocol'
import { SmallButton } from '../charts/SmallButton'
import { saveText } from '../files/save'
import { saveMeasure } from '../store/commands'
import { useLab } from '../store/labStore'
import { useCanSave } from './measureCsv'

export function CsvButton({ id }: { id: MeasureId }) {
  const findings = useLab((lab) => lab.findings[id])
  const info = useLab((lab) => lab.measures.find((one) => one.id === id))
  const save = () => {
    if (!info || !findings) return
    const [main] = tablesOf(info, Object.values<Finding>(findings))
    saveText(csvName(info), csvOf(main))
  }
  const canSave = useCanSave(id)
  return (
    <>
      <SmallButton disabled={!findings} onClick={save}>
        CSV
      </SmallButton>
      <SmallButton disabled={!canSave} onClick={() => void saveMeasure(id)}>
        .npz
      </SmallButton>
    </>
  )
}

/** basin_1d_slice.csv */
const csvName = ({ title }: Pick<MeasureInfo, 'title'>) =>
  `basin_${title.replaceAll('-', '').replace(/\W+/g, '_').toLowerCase()}.csv`
