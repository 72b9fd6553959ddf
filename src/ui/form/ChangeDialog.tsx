/** Says what a change or a command would drop, before it does. */
import { Button, Group, Modal, Text } from '@mantine/core'
import { useRef } from 'react'
import { confirmPending, keepSession } from '../store/form'
import { allKept, type Pending, useLab } from '../store/labStore'

export default function ChangeDialog() {
  const pending = useLab((lab) => lab.pending)
  const kept = useLab(allKept)
  // Its words stay while it fades.
  const last = useRef(pending)
  if (pending) last.current = pending
  return (
    <Modal
      opened={pending !== undefined}
      onClose={keepSession}
      title={last.current?.kind === 'reset' ? 'Drop this run?' : 'Start a new run?'}
      centered
    >
      <Text mb="md">
        {last.current && before(last.current)};{' '}
        {kept
          ? 'the current run leaves this page and stays kept.'
          : 'the current curves and weights will be dropped.'}
      </Text>
      <Group justify="flex-end">
        <Button variant="default" onClick={keepSession} data-autofocus>
          Keep
        </Button>
        <Button onClick={confirmPending}>{last.current && YES[last.current.kind]}</Button>
      </Group>
    </Modal>
  )
}

/** What begins with the new run, in words. */
function before(pending: Pending): string {
  switch (pending.kind) {
    case 'change':
      return `Changing ${pending.what} starts a new run`
    case 'again':
      return 'Training again starts from the beginning, with the same settings and the same seed'
    case 'seed':
      return 'The next seed starts a new run'
    case 'reset':
      return 'Reset goes back to where nothing is trained, with the same settings and the same seed'
  }
}

const YES: Record<Pending['kind'], string> = {
  change: 'Change',
  again: 'Train again',
  seed: 'Take the next seed',
  reset: 'Drop it',
}
