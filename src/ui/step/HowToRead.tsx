/** The way to what the drawing of a step shows. */
import { Button } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { Later } from '../panels/Later'
import { retriedLazy } from '../panels/retriedLazy'

const ReadingDialog = retriedLazy(() => import('./ReadingDialog'))

export function HowToRead() {
  const [opened, { open, close }] = useDisclosure(false)
  return (
    <>
      <Button variant="subtle" size="compact-sm" onClick={open}>
        How to read this
      </Button>
      <Later>
        <ReadingDialog opened={opened} onClose={close} />
      </Later>
    </>
  )
}
