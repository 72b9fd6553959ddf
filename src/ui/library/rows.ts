/** The lines of the list: a run each, or a group of all that differ in nothing but the seed, with its runs below. */
import { DEFAULT_CONFIG, type RunConfig } from '../../core/config/schema'
import { type Change, changesSince, grouped, type ListedRun } from '../../worker/libraryProtocol'

export interface ListRow {
  /** Of the run; of a group its first run's with a mark. */
  id: string
  /** One, or all of a group: its numbers are of these and of no other. */
  runs: readonly ListedRun[]
  /** Against the line before in the order of time; of a fork against its parent. */
  changes: readonly Change[]
  /** What it was forked from. */
  fork?: string
  /** Of a group of several. */
  members?: readonly ListRow[]
}

/** @param runs in any order */
export function listRows(runs: readonly ListedRun[], byGroup: boolean): ListRow[] {
  const byId = new Map(runs.map((run) => [run.record.id, run.record]))
  const inTime = [...runs].sort((a, b) => compare(a.record.created, b.record.created))
  const groups = byGroup ? grouped(inTime) : inTime.map((run) => ({ runs: [run] }))
  let before: RunConfig = { ...DEFAULT_CONFIG, runs: '' }
  return groups.map(({ runs: members }) => {
    const [first] = members
    const { id, config, curvesOnly, parent } = first.record
    if (curvesOnly) return { id, runs: members, changes: [] }
    const forked = parent && byId.get(parent.id)
    const from = forked?.config ?? before
    const changes = changesSince(byGroup ? { ...from, run_seed: config.run_seed } : from, config)
    before = config
    const fork = parent && `from ${forked?.name ?? 'a run that is gone'} at step ${parent.step}`
    if (members.length === 1) return { id, runs: members, changes, fork }
    return { id: `group-${id}`, runs: members, changes, members: members.map(memberRow), fork }
  })
}

/** What tells it from the others of its group. */
const memberRow = (run: ListedRun): ListRow => ({
  id: run.record.id,
  runs: [run],
  changes: [{ name: 'run_seed', value: String(run.record.config.run_seed) }],
})

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** Whether every word is somewhere in what is known of one of the row's runs: its texts, and its settings as `flag=value`. */
export function matches({ runs, changes, fork = '' }: ListRow, filter: string): boolean {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return true
  const changed = changes.map(({ name, value }) => `${name}=${value}`).join(' ')
  return runs.some(({ record }) => {
    const text = `${textOf(record)} ${changed} ${fork}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

const texts = new WeakMap<ListedRun['record'], string>()

function textOf(record: ListedRun['record']): string {
  const known = texts.get(record)
  if (known !== undefined) return known
  const { id, name, notes, label, state, device, config, curvesOnly, pinned } = record
  const settings = curvesOnly
    ? ''
    : Object.entries(config)
        .map(([flag, value]) => `${flag}=${value ?? 'none'}`)
        .join(' ')
  const text = `${id} ${name} ${notes} ${label} ${state} ${device} ${pinned ? 'pinned' : ''} ${settings}`
  texts.set(record, text)
  return text
}
