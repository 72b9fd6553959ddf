/** Whether runs can be kept: room before they begin, a disk that is full after all, a browser that keeps nothing. */
import { BasinError } from '../../base/errors'
import { makeRoom, makeRoomAfterAll, type RoomAsked } from './roomForRuns'

/** Until a full disk is tried again. */
const FULL_MS = 60_000
/** For the browser to clear up, and how often. */
const WAIT_MS = 2000
const MOST_WAITS = 5

export class KeepingRoom {
  /** Why the newest is not kept, as long as it is not; why there are no checkpoints. */
  #failure: string | undefined
  #noRoom: string | undefined
  #nothing = false
  #noWay = false
  #asking: Promise<void> | undefined
  #known = false
  /** When a disk that was full may have room again. */
  #askAgainAt = Number.POSITIVE_INFINITY

  /** Old checkpoints went for these runs; how often the browser was waited for since. */
  #hasLetGo = false
  #waits = 0

  /** @param tell is called when there is something new to say, with what is about to be done for it */
  constructor(
    private readonly asked: Omit<RoomAsked, 'say' | 'leaveWay'>,
    private readonly tell: (note?: string) => void,
  ) {}

  /** The browser keeps nothing. */
  get nothing(): boolean {
    return this.#nothing
  }

  /** There is no room for weights on the way. */
  get noWay(): boolean {
    return this.#noWay
  }

  /** Only what is small is kept. */
  get curvesOnly(): boolean {
    if (performance.now() > this.#askAgainAt) {
      this.#noRoom = undefined
      this.#askAgainAt = Number.POSITIVE_INFINITY
    }
    return this.#noRoom !== undefined
  }

  /** Whether there is room is known. */
  get known(): boolean {
    return this.#known
  }

  /** Why not all is kept, in a line. */
  get problem(): string | undefined {
    return this.#noRoom ?? this.#failure
  }

  /** Before anything large is written. */
  begin(): void {
    this.#asking ??= this.#ask(makeRoom)
  }

  async settled(): Promise<void> {
    await this.#asking
  }

  wrote(): void {
    this.#failure = undefined
  }

  /** @param anything whether something of the run could be kept before */
  failed(error: unknown, anything: boolean): void {
    const { code, message } = error instanceof BasinError ? error : { code: 'internal', message: `${error}` }
    this.#nothing = code === 'storage' && !anything
    this.#failure = this.#nothing
      ? `Nothing of these runs is kept: ${message}.`
      : `The newest of these runs could not be kept: ${message}. What was kept before is there.`
  }

  /** After a write has met a full disk. @returns whether it is worth another try */
  async makeMore(): Promise<boolean> {
    // What is small is written even so; where that fails too there is nothing more to do.
    if (!this.#known || this.#noRoom) return false
    this.#known = false
    this.#askAgainAt = performance.now() + FULL_MS
    // What was let go is room only once the browser has cleared up behind it.
    this.#asking = this.#hasLetGo && this.#waits++ < MOST_WAITS ? this.#wait() : this.#ask(makeRoomAfterAll)
    await this.#asking
    return true
  }

  async #ask(make: (asked: RoomAsked) => Promise<string | undefined>): Promise<void> {
    try {
      const leaveWay = (line: string) => {
        this.#noWay = true
        this.tell(line)
      }
      const say = (line: string) => {
        this.#hasLetGo = true
        this.#waits = 0
        this.tell(line)
      }
      this.#noRoom = await make({ ...this.asked, say, leaveWay })
      if (this.#noRoom) this.tell()
    } catch {
      // Who cannot count tries; a full disk is met by the write.
    }
    this.#known = true
  }

  async #wait(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS))
    this.#known = true
  }
}
