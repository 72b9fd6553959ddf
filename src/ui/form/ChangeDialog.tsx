/** Says what a change would drop, before it does. */
import { Button, Group, Modal, Text } from '@mantine/core'
import { confirmChange, keepSession } from '../store/form'
import { useLab } from '../store/labStore'

export function ChangeDialog() {
  const pending = useLab((lab) => lab.pending)
  return (
    <Modal
      opened={pending !== undefined}
      onClose={keepSession}
      title="Start a new run?"
      centered
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Text mb="md">
        {pending?.what
          ? `Changing “${pending.what}” starts a new run; `
          : 'Training again starts from the beginning, with the same settings and the same seed; '}
        the current curves and weights will be dropped.
      </Text>
      <Group justify="flex-end">
        <Button variant="default" onClick={keepSession} data-autofocus>
          Keep
        </Button>
        <Button onClick={confirmChange}>{pending?.what ? 'Change' : 'Train again'}</Button>
      </Group>
    </Modal>
  )
}
