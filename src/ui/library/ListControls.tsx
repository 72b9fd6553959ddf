/** How the list is looked through: words, groups, hidden runs, columns. */
import { Menu, Switch, TextInput } from '@mantine/core'
import { IconChevronDown, IconSearch } from '@tabler/icons-react'
import { SmallButton } from '../charts/SmallButton'
import { formatCount } from '../format'
import { changeView, useLibrary } from '../store/libraryStore'
import { HEADERS, toggleColumn, useHiddenColumns } from './tableColumns'

export function ListControls({ shown, of }: { shown: number; of: number }) {
  const { byGroup, filter, hidden } = useLibrary(({ view }) => view)
  const numHidden = useLibrary(({ runs }) => runs?.filter(({ record }) => record.hidden).length ?? 0)
  return (
    <div className="row list-controls">
      <TextInput
        className="list-filter"
        size="xs"
        aria-label="Filter"
        placeholder="Name, note or setting, as sam_rho=0.05"
        leftSection={<IconSearch size={14} aria-hidden />}
        value={filter}
        onChange={(event) => changeView({ filter: event.currentTarget.value })}
      />
      <Switch
        size="xs"
        label="Group over seeds"
        checked={byGroup}
        onChange={(event) => changeView({ byGroup: event.currentTarget.checked })}
      />
      {(numHidden > 0 || hidden) && (
        <Switch
          size="xs"
          label={`Show hidden (${numHidden})`}
          checked={hidden}
          onChange={(event) => changeView({ hidden: event.currentTarget.checked })}
        />
      )}
      <ColumnsMenu />
      <span className="list-count" role="status">
        {shown === of ? formatCount(of) : `${formatCount(shown)} of ${formatCount(of)}`}{' '}
        {byGroup ? (of === 1 ? 'group' : 'groups') : of === 1 ? 'run' : 'runs'}
      </span>
    </div>
  )
}

function ColumnsMenu() {
  const without = useHiddenColumns()
  return (
    <Menu closeOnItemClick={false} position="bottom-start" classNames={{ dropdown: 'run-menu' }}>
      <Menu.Target>
        <SmallButton onClick={() => {}} rightSection={<IconChevronDown size={14} aria-hidden />}>
          Columns
        </SmallButton>
      </Menu.Target>
      <Menu.Dropdown>
        {HEADERS.filter(({ id }) => id !== 'name').map(({ id, header }) => (
          <Menu.Item
            key={id}
            role="menuitemcheckbox"
            aria-checked={!without.includes(id)}
            leftSection={<span className="column-mark">{without.includes(id) ? '' : '✓'}</span>}
            onClick={() => toggleColumn(id)}
          >
            {header}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
