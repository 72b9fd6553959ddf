/** The two ways to begin anew; each asks before a session is dropped. */
import { Button } from '@mantine/core'
import { requestNewSeed, requestReset } from '../store/form'
import { useLab } from '../store/labStore'

export function BeginAnew() {
  const state = useLab((lab) => lab.state)
  const ready = useLab((lab) => lab.device !== undefined) || state === 'failed'
  return (
    <>
      <Button variant="default" onClick={requestReset} disabled={!ready || state === 'idle'}>
        Reset (same seed)
      </Button>
      <Button variant="default" onClick={requestNewSeed} disabled={!ready}>
        New seed
      </Button>
    </>
  )
}
