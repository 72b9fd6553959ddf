/** What is done with the picked runs. */
import { Button } from '@mantine/core'
import { useState } from 'react'
import { MOST_RUNS } from '../../core/config/runList'
import type { ListedRun } from '../../worker/libraryProtocol'
import { formatCount } from '../format'
import { continueRuns, openRuns } from '../store/commands'
import { useLab } from '../store/labStore'
import { changeView, deleteRuns, editRuns, exportRuns, useLibrary } from '../store/libraryStore'
import { ForkDialog } from './ForkDialog'
import { usePicked } from './usePicked'

export function RunActions() {
  const picked = usePicked()
  const ids = picked.map(({ record }) => record.id)
  const none = ids.length === 0
  return (
    <div className="row run-actions">
      <span className="picked-count">
        {none ? 'Pick runs to draw, compare and export them.' : `${formatCount(ids.length)} picked`}
      </span>
      <LabActions picked={picked} ids={ids} />
      <Action
        label={ids.length > 1 ? 'Export runs' : 'Export run'}
        disabled={none}
        work={() => exportRuns(ids)}
      />
      <KeptActions picked={picked} ids={ids} />
      {!none && (
        <Button variant="subtle" size="xs" onClick={() => changeView({ picked: [] })}>
          Unpick all
        </Button>
      )}
    </div>
  )
}

interface ActionsProps {
  picked: readonly ListedRun[]
  ids: readonly string[]
}

/** For the laboratory: it takes kept runs while it trains no others. */
function LabActions({ picked, ids }: ActionsProps) {
  const busy = useLab(({ state, device }) => state === 'training' || state === 'loading' || !device)
  const [forked, setForked] = useState<ListedRun>()
  const ours = picked.length > 0 && picked.every(({ record, served }) => !record.curvesOnly && !served)
  const goesOn = ours && picked.every(({ record }) => GOES_ON.includes(record.state))
  const open = async (work: (ids: readonly string[]) => Promise<unknown>, page: string) => {
    location.hash = page
    await work(ids)
  }
  return (
    <>
      <Action
        label="Open"
        title={busy ? BUSY : 'Landscape, weights and data of these runs, without training'}
        disabled={!ours || busy || picked.length > MOST_RUNS}
        work={() => open(openRuns, '#landscape')}
      />
      {goesOn && (
        <Action
          label="Continue"
          title={busy ? BUSY : 'Train them to their end'}
          disabled={busy || picked.length > MOST_RUNS}
          work={() => open(continueRuns, '#train')}
        />
      )}
      <Action
        label="Fork"
        title={busy ? BUSY : 'Go on from a checkpoint under other settings'}
        disabled={!ours || busy || picked.length !== 1}
        work={() => setForked(picked[0])}
      />
      <ForkDialog run={forked} onClose={() => setForked(undefined)} />
    </>
  )
}

const BUSY = 'The laboratory trains: pause or stop it first'
const GOES_ON: readonly string[] = ['interrupted', 'paused', 'running']

/** For what is kept here: of a served folder nothing is changed. */
function KeptActions({ picked, ids }: ActionsProps) {
  const none = picked.length === 0 || picked.some(({ served }) => served)
  const pinned = !none && picked.every(({ record }) => record.pinned)
  const hidden = !none && picked.every(({ record }) => record.hidden)
  const showsHidden = useLibrary(({ view }) => view.hidden)
  const hide = () => {
    // What is out of sight is out of hand, too.
    if (!hidden && !showsHidden) changeView({ picked: [] })
    return editRuns(ids, { hidden: !hidden })
  }
  return (
    <>
      <Action
        label={pinned ? 'Unpin' : 'Pin'}
        disabled={none}
        work={() => editRuns(ids, { pinned: !pinned })}
      />
      <Action label={hidden ? 'Show again' : 'Hide'} disabled={none} work={hide} />
      <Action label="Delete" disabled={none} work={() => deleteRuns(ids)} />
    </>
  )
}

interface ActionProps {
  label: string
  title?: string
  disabled: boolean
  work(): unknown
}

function Action({ label, title, disabled, work }: ActionProps) {
  return (
    <Button variant="default" size="xs" title={title} disabled={disabled} onClick={() => void work()}>
      {label}
    </Button>
  )
}
