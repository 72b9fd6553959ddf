/** The settings where there is no room beside the page: a sheet from below. */
import { Button, Drawer } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { BeginAnew } from '../controls/BeginAnew'
import { PlanLine } from '../controls/PlanLine'
import { Panel } from '../panels/Panel'
import { ExperimentPanel } from './ExperimentPanel'

export function SettingsSheet() {
  const [opened, { open, close }] = useDisclosure(false)
  return (
    <>
      <Button variant="default" onClick={open} aria-haspopup="dialog">
        Settings
      </Button>
      <Drawer
        opened={opened}
        onClose={close}
        position="bottom"
        size="88%"
        title="Settings"
        closeButtonProps={{ 'aria-label': 'Close settings' }}
        transitionProps={{ duration: 0 }}
        className="settings-sheet"
      >
        <Panel name="The settings">
          <ExperimentPanel />
        </Panel>
        <p className="quiet">
          <PlanLine />
        </p>
        <div className="button-row">
          <BeginAnew />
        </div>
      </Drawer>
    </>
  )
}
