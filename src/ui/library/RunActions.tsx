/** What is done with the picked runs. */
import { Button } from '@mantine/core'
import { formatCount } from '../format'
import { changeView, deleteRuns, editRuns, exportRuns, useLibrary } from '../store/libraryStore'
import { usePicked } from './usePicked'

export function RunActions() {
  const picked = usePicked()
  const ids = picked.map(({ record }) => record.id)
  const none = ids.length === 0
  const pinned = !none && picked.every(({ record }) => record.pinned)
  const hidden = !none && picked.every(({ record }) => record.hidden)
  const showsHidden = useLibrary(({ view }) => view.hidden)
  const hide = () => {
    // What is out of sight is out of hand, too.
    if (!hidden && !showsHidden) changeView({ picked: [] })
    void editRuns(ids, { hidden: !hidden })
  }
  // Of a served folder nothing is changed.
  const served = picked.some((run) => run.served)
  const act = (label: string, work: () => void, refused = false) => (
    <Button variant="default" size="xs" disabled={none || refused} onClick={work}>
      {label}
    </Button>
  )
  return (
    <div className="run-actions">
      <span className="picked-count">
        {none ? 'Pick runs to draw, compare and export them.' : `${formatCount(ids.length)} picked`}
      </span>
      {act(ids.length > 1 ? 'Export runs' : 'Export run', () => void exportRuns(ids))}
      {act(pinned ? 'Unpin' : 'Pin', () => void editRuns(ids, { pinned: !pinned }), served)}
      {act(hidden ? 'Show again' : 'Hide', hide, served)}
      {act('Delete', () => void deleteRuns(ids), served)}
      {!none && (
        <Button variant="subtle" size="xs" onClick={() => changeView({ picked: [] })}>
          Unpick all
        </Button>
      )}
    </div>
  )
}
