/** The list of runs that are trained together: add, rename in place, set apart, order, remove. */
import { ActionIcon } from '@mantine/core'
import { IconAdjustmentsHorizontal, IconPlus, IconX } from '@tabler/icons-react'
import { useEffect, useId, useMemo, useRef, useState } from 'react'
import { MOST_RUNS, type RunEntry, runsText } from '../../core/config/runList'
import { fieldMeta, type RunConfig } from '../../core/config/schema'
import type { DatasetEntry } from '../../worker/dataProtocol'
import { SmallButton } from '../charts/SmallButton'
import { RunMark } from '../runs/RunMark'
import { useData } from '../store/dataStore'
import { changeField } from '../store/form'
import { useLab } from '../store/labStore'
import { awayText, contradictionAt } from '../store/obstacles'
import { stepsOf } from './cost'
import { DraftInput } from './DraftInput'
import { FieldLabel } from './FieldLabel'
import { RunEditor } from './RunEditor'
import {
  entriesOf,
  isFull,
  moved,
  type RunRow,
  renamed,
  rowsOf,
  settingsText,
  withAnother,
  withCopyOf,
  withEqualCost,
  without,
  withSetting,
} from './runEntries'

/** What gets the focus once the list has changed. */
interface Place {
  row: number
  part: 'toggle' | 'remove' | 'up' | 'down'
}

export function RunsField({ helpId }: { helpId: string }) {
  const config = useLab((lab) => lab.config)
  const rows = useMemo(() => rowsOf(config), [config])
  const entries = entriesOf(config)
  const [open, setOpen] = useState<number>()
  const [said, setSaid] = useState('')
  const titleId = useId()
  const errorId = useId()
  const outOfRange = useLab((lab) => lab.invalid.runs)
  const datasets = useData((data) => data.datasets)
  const wrong = outOfRange ?? contradictionAt(config, 'runs') ?? awayText(config, datasets)
  const list = useFocusAfter(config.runs)
  const change = (next: readonly RunEntry[], place?: Place, nowOpen = open) => {
    list.focusNext(place)
    changeField('runs', runsText(next))
    setOpen(nowOpen)
  }
  const add = () => {
    change(withAnother(config), { row: entries.length, part: 'toggle' })
    setSaid(`Run ${entries.length + 1} is added.`)
  }
  const remove = (i: number) => {
    change(without(entries, i), { row: Math.max(0, i - 1), part: 'remove' }, undefined)
    setSaid(`${rows[i].run.label} is removed.`)
  }
  const duplicate = (i: number) => {
    change(withCopyOf(entries, i), { row: i + 1, part: 'toggle' }, i + 1)
    setSaid(`A copy of ${rows[i].run.label} is added below it.`)
  }
  const move = (i: number, to: number) => {
    change(moved(entries, i, to), { row: to, part: to < i ? 'up' : 'down' }, to)
    setSaid(`${rows[i].run.label} is number ${to + 1} now.`)
  }
  const full = isFull(entries)
  const withControl = full ? undefined : withEqualCost(config, (run) => stepsPerEpochOf(run, datasets))
  const addControl = (next: readonly RunEntry[]) => {
    change(next, { row: next.length - 1, part: 'toggle' })
    setSaid(`Run ${next.length} is SGD for the same number of gradients.`)
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset's legend cannot stand beside the flag
    <div
      className="run-group"
      role="group"
      aria-labelledby={titleId}
      aria-describedby={`${helpId} ${errorId}`}
    >
      <div className="mantine-InputWrapper-label" id={titleId}>
        <FieldLabel label={fieldMeta('runs').label} flag="runs" />
      </div>
      <ol className="plain-list run-list" ref={list.ref}>
        {rows.map((row, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a run has no name of its own but its place
          <li key={i} data-row={i}>
            <RunHead
              row={row}
              number={i + 1}
              isOpen={open === i}
              onToggle={() => setOpen(open === i ? undefined : i)}
              onRename={(name) => change(renamed(entries, i, name, row.ownName))}
              onRemove={entries.length > 1 ? () => remove(i) : undefined}
            />
            {open === i && (
              <RunEditor
                row={row}
                number={i + 1}
                full={full}
                onSetting={(name, value) => change(withSetting(entries, i, name, value))}
                onDuplicate={() => duplicate(i)}
                onUp={i > 0 ? () => move(i, i - 1) : undefined}
                onDown={i < rows.length - 1 ? () => move(i, i + 1) : undefined}
              />
            )}
          </li>
        ))}
      </ol>
      {wrong && (
        <p className="field-error" id={errorId}>
          {wrong}
        </p>
      )}
      <div className="button-row">
        <SmallButton
          className="touchable"
          onClick={add}
          disabled={full}
          leftSection={<IconPlus size={14} aria-hidden />}
        >
          Add a run
        </SmallButton>
        {withControl && (
          <SmallButton className="touchable" onClick={() => addControl(withControl)}>
            SGD for the same number of gradients
          </SmallButton>
        )}
        {full && <span className="run-limit">{MOST_RUNS} runs are the most.</span>}
      </div>
      <span className="visually-hidden" aria-live="polite">
        {said}
      </span>
    </div>
  )
}

/** By what is known of its data set before it is loaded; costs are shares, so that any number does where nothing is. */
function stepsPerEpochOf(run: RunConfig, datasets: readonly DatasetEntry[] | undefined): number {
  const numTrain = datasets?.find(({ name }) => name === run.dataset)?.numTrain
  const steps = stepsOf(run, numTrain)
  return Number.isFinite(steps) ? Math.max(1, steps / run.num_epochs) : 100
}

interface RunHeadProps {
  row: RunRow
  number: number
  isOpen: boolean
  onToggle: () => void
  onRename: (name: string) => void
  /** Absent for the only one. */
  onRemove?: () => void
}

function RunHead({ row, number, isOpen, onToggle, onRename, onRemove }: RunHeadProps) {
  const { run, isRepeat, entry, ownName } = row
  const name = entry.label ?? ownName
  // A refused change brings the name back.
  const pending = useLab((lab) => lab.pending)
  return (
    <>
      <div className="run-head">
        {isRepeat ? <span className="run-mark" /> : <RunMark run={run} />}
        <DraftInput
          className="run-name"
          classNames={{ input: 'run-name-input' }}
          name={`run${number}.name`}
          aria-label={`Name of run ${number}`}
          variant="unstyled"
          maxLength={40}
          value={name}
          epoch={pending}
          onCommit={(draft) => draft.trim() !== name && onRename(draft)}
        />
        <ActionIcon
          className="touchable"
          data-part="toggle"
          variant={isOpen ? 'light' : 'subtle'}
          aria-label={`Settings of ${name}`}
          aria-expanded={isOpen}
          onClick={onToggle}
        >
          <IconAdjustmentsHorizontal size={16} aria-hidden />
        </ActionIcon>
        <ActionIcon
          className="touchable"
          data-part="remove"
          aria-label={`Remove ${name}`}
          disabled={!onRemove}
          onClick={onRemove}
        >
          <IconX size={16} aria-hidden />
        </ActionIcon>
      </div>
      <p className="run-differs">{settingsText(row)}</p>
    </>
  )
}

/** A place in the list that gets the focus when the text of the list has changed. */
function useFocusAfter(text: string) {
  const ref = useRef<HTMLOListElement>(null)
  const next = useRef<Place>(undefined)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new text is a new list
  useEffect(() => {
    const { row, part } = next.current ?? {}
    next.current = undefined
    if (row === undefined) return
    const at = ref.current?.querySelector(`[data-row="${row}"]`)
    const wanted = at?.querySelector<HTMLButtonElement>(`[data-part="${part}"]`)
    const open = wanted?.disabled === false ? wanted : at?.querySelector<HTMLElement>('[data-part="toggle"]')
    open?.focus()
  }, [text])
  return {
    ref,
    focusNext(place: Place | undefined) {
      next.current = place
    },
  }
}
