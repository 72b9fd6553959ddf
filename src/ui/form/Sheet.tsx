/** The sheet of settings of a narrow page. */
import { Drawer } from '@mantine/core'
import { BeginAnew } from '../controls/BeginAnew'
import { Panel } from '../panels/Panel'
import { ExperimentPanel } from './ExperimentPanel'

export default function Sheet({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
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
      <div className="button-row">
        <BeginAnew />
      </div>
    </Drawer>
  )
}
