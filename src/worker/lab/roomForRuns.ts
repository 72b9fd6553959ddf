/** Room for the checkpoints of runs: what they need, whose go for it, and what is said of that before it is done. */
import { bytesText } from '../../base/units'
import { type HeldCheckpoints, heldCheckpoints, oldestFor, toLetGo } from '../../core/library/retention'
import type { RunFiles } from '../../core/ports'
import type { SessionRun } from '../../core/session/sessionRun'
import type { KeepingPlace } from './keepingPlace'

/** The two that are kept, and the one that is being written. */
const AT_ONCE = 3
/** What is said is read before it is done. */
const NOTICE_MS = 3000

export interface RoomAsked {
  place: KeepingPlace
  runs: readonly Pick<SessionRun, 'stateBytes' | 'wayBytes'>[]
  experiment: string
  /** Is told whose checkpoints go before they do. */
  say(line: string): void
  /** There is room for checkpoints, not for weights on the way. */
  leaveWay(line: string): void
}

/**
 * Before they begin, as far as the browser says what it grants.
 * @returns why these runs are kept without checkpoints; undefined where there is room for them
 */
export async function makeRoom(asked: RoomAsked): Promise<string | undefined> {
  const { place, runs, experiment, say, leaveWay } = asked
  const room = await place.room()
  if (!room) return undefined
  const need = needOf(runs)
  const way = runs.reduce((sum, { wayBytes }) => sum + wayBytes, 0)
  const held = await others(place.files, experiment)
  const withWay = toLetGo(held, { need: need + way, ...room })
  const going = withWay ?? toLetGo(held, { need, ...room })
  if (going && !withWay) leaveWay(noRoomForWay(way))
  if (!going) return tooLarge(need, `(${bytesText(room.granted)}, ${bytesText(room.used)} of it used)`)
  await letGo(place.files, going, say)
  return undefined
}

/**
 * When a write has met a full disk: browsers promise more than there is.
 * @returns the same, where nothing is left that could go
 */
export async function makeRoomAfterAll({
  place,
  runs,
  experiment,
  say,
}: RoomAsked): Promise<string | undefined> {
  const need = needOf(runs)
  const going = oldestFor(await others(place.files, experiment), need)
  if (going.length === 0) return tooLarge(need, '')
  await letGo(place.files, going, say)
  return undefined
}

const needOf = (runs: RoomAsked['runs']) => AT_ONCE * runs.reduce((sum, run) => sum + run.stateBytes, 0)

const others = async (files: RunFiles, experiment: string): Promise<HeldCheckpoints[]> =>
  (await heldCheckpoints(files)).filter(({ record }) => record.experiment !== experiment)

const noRoomForWay = (way: number) =>
  `The weights on the way of these runs (${bytesText(way)}) do not fit into what this browser grants the page: only their checkpoints and curves are kept.`

const tooLarge = (need: number, granted: string) =>
  `The checkpoints of these runs (${bytesText(need)}) do not fit into what this browser grants the page${granted && ` ${granted}`}: only their curves are kept.`

async function letGo(files: RunFiles, going: readonly HeldCheckpoints[], say: (line: string) => void) {
  if (going.length === 0) return
  const names = going.map(({ record }) => record.name)
  const listed =
    names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')
  say(
    `To make room, the checkpoints of old runs go: ${listed}. Their curves stay, and pinned runs keep everything.`,
  )
  await new Promise((resolve) => setTimeout(resolve, NOTICE_MS))
  await files.remove(going.flatMap(({ keys }) => keys))
}
