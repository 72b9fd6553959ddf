/** The settings where there is no room beside the page: a button, and a sheet from below that comes with it. */
import { Button } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useEffect } from 'react'
import { Later } from '../panels/Later'
import { retriedLazy } from '../panels/retriedLazy'
import { useWantedField } from './wantedField'

const Sheet = retriedLazy(() => import('./Sheet'))

export function SettingsSheet() {
  const [opened, { open, close }] = useDisclosure(false)
  const wanted = useWantedField(({ name }) => name !== undefined)
  useEffect(() => {
    if (wanted) open()
  }, [wanted, open])
  return (
    <>
      <Button variant="default" onClick={open} aria-haspopup="dialog">
        Settings
      </Button>
      <Later>
        <Sheet opened={opened} onClose={close} />
      </Later>
    </>
  )
}
