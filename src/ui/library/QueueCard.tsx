/** What waits to be trained, how far it is, and what it comes to: the group of what it made. */
import { ActionIcon, Button } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconX } from '@tabler/icons-react'
import { DEFAULT_CONFIG } from '../../core/config/schema'
import { changesSince } from '../../worker/libraryProtocol'
import { Bar } from '../controls/Progress'
import { formatSeconds } from '../format'
import { useLab } from '../store/labStore'
import { clearQueue, dropItem, moveItem, pauseQueue, secondsLeft, showMade, useQueue } from '../store/queue'
import { isWaiting, type QueueItem } from '../store/queueItems'
import { MoreRuns } from './MoreRuns'

export function QueueCard() {
  const items = useQueue(({ items }) => items)
  return (
    <details className="card queue-card" open={items.length > 0 || undefined}>
      <summary>More seeds, other settings</summary>
      <div className="queue-body">
        <MoreRuns />
        {items.length > 0 && <Queue items={items} />}
      </div>
    </details>
  )
}

function Queue({ items }: { items: readonly QueueItem[] }) {
  const paused = useQueue(({ paused }) => paused)
  const elsewhere = useQueue(({ elsewhere }) => elsewhere)
  const current = useLab(({ speed }) => speed?.secondsLeft)
  const numEnded = items.filter(({ state }) => state === 'done' || state === 'failed').length
  const left = secondsLeft(items, current)
  const waits = items.some(isWaiting)
  return (
    <>
      <div className="row queue-head">
        <Bar
          label="Queue progress"
          value={numEnded}
          max={items.length}
          text={`${numEnded} of ${items.length} done`}
          color="var(--run-1)"
        />
        <span className="picked-count" role="status">
          {numEnded} of {items.length} done
          {left !== undefined && numEnded < items.length && `, about ${formatSeconds(left)} left`}
          {elsewhere && ', another tab trains them'}
        </span>
        {waits && (
          <Button variant="default" size="xs" onClick={() => pauseQueue(!paused)}>
            {paused ? 'Resume queue' : 'Pause queue'}
          </Button>
        )}
        {numEnded > 0 && (
          <Button variant="default" size="xs" onClick={showMade}>
            Show what it made
          </Button>
        )}
        <Button variant="subtle" size="xs" onClick={clearQueue}>
          Clear
        </Button>
      </div>
      <ol className="plain-list queue">
        {items.map((item) => (
          <Item key={item.id} item={item} />
        ))}
      </ol>
    </>
  )
}

function Item({ item }: { item: QueueItem }) {
  const { id, config, state, problem } = item
  const changes = changesSince(DEFAULT_CONFIG, config).filter(({ name }) => name !== 'run_seed')
  const name = `seed ${config.run_seed}`
  return (
    <li data-state={state}>
      <span className="queue-state">{state}</span>
      <span className="cell-text queue-text">
        <strong>{name}</strong>
        {changes.length > 0 && ` ${changes.map((change) => `${change.name} ${change.value}`).join(', ')}`}
        {problem && <span className="queue-problem"> {problem}</span>}
      </span>
      {state === 'waiting' && (
        <span className="queue-moves">
          <Move label={`Move ${name} up`} onClick={() => moveItem(id, -1)}>
            <IconArrowUp size={14} aria-hidden />
          </Move>
          <Move label={`Move ${name} down`} onClick={() => moveItem(id, 1)}>
            <IconArrowDown size={14} aria-hidden />
          </Move>
          <Move label={`Take ${name} out`} onClick={() => dropItem(id)}>
            <IconX size={14} aria-hidden />
          </Move>
        </span>
      )}
    </li>
  )
}

function Move({ label, onClick, children }: { label: string; onClick(): void; children: React.ReactNode }) {
  return (
    <ActionIcon size="sm" aria-label={label} onClick={onClick}>
      {children}
    </ActionIcon>
  )
}
