/** What a measure found, as files: its main table, and all of it. */
import type { MeasureId } from '../../worker/protocol'
import { SmallButton } from '../charts/SmallButton'
import { saveText } from '../files/save'
import { saveMeasure } from '../store/commands'
import { useLab } from '../store/labStore'
import { useCanSave, useMeasureCsv } from './measureCsv'

export function CsvButton({ id }: { id: MeasureId }) {
  const title = useLab(({ measures }) => measures.find((one) => one.id === id)?.title ?? '')
  const csv = useMeasureCsv(id)
  const canSave = useCanSave(id)
  return (
    <>
      <SmallButton disabled={!csv} onClick={() => csv && saveText(csvName(title), csv())}>
        CSV
      </SmallButton>
      <SmallButton disabled={!canSave} onClick={() => void saveMeasure(id)}>
        .npz
      </SmallButton>
    </>
  )
}

/** basin_1d_slice.csv */
const csvName = (title: string) => `basin_${title.replaceAll('-', '').replace(/\W+/g, '_').toLowerCase()}.csv`
