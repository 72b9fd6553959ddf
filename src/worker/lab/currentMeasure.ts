/** The measure at work, of which there is at most one, and the way of what it finds: out, into memory, into the runs. */
import type { Session } from '../../core/session/session'
import type { DeviceInfo, MeasureNews, MeasureRequest } from '../protocol'
import { roomBeside } from './buildSession'
import { refused } from './commandQueue'
import type { EventPacer } from './eventPacer'
import type { FoundMeasures } from './foundMeasures'
import type { Keeper } from './keeper'
import { knownPoints } from './knownPoints'
import { type FoundMeasure, runMeasure } from './measureRunner'

interface Where {
  device: DeviceInfo
  /** The device as files name it. */
  name: string
  keeper: Keeper | undefined
  /** Nobody asked for it: a closed tab ends it for good. */
  byItself: boolean
}

export class CurrentMeasure {
  #current: { id: string; abort: AbortController; done: Promise<unknown> } | undefined

  constructor(
    private readonly out: EventPacer,
    private readonly found: FoundMeasures,
  ) {}

  /** @returns what its end comes to @throws BasinError where another is at work */
  begin(
    session: Session,
    request: MeasureRequest,
    { device, name, keeper, byItself }: Where,
  ): { done: Promise<{ cancelled: boolean }> } {
    if (this.#current) throw refused('measure', `one at a time, and ${this.#current.id} is at work`)
    const abort = new AbortController()
    const receiver = {
      onNews: (news: MeasureNews) => this.out.send({ type: 'measured', news }),
      onFound: (found: FoundMeasure) => this.found.take({ ...found, device: name }),
      keep: keeper?.keepMeasure.bind(keeper),
      wayOf: keeper?.wayOf.bind(keeper),
      room: () => roomBeside(session, device),
      reminder: byItself ? undefined : keeper?.reminder,
      points: knownPoints(session, name, (run) => keeper?.documentOf(run)),
    }
    const done = runMeasure(session, request, receiver, abort.signal).finally(() => {
      this.#current = undefined
    })
    this.#current = { id: request.id, abort, done: done.catch(() => {}) }
    return { done }
  }

  /** Calls it off; what it has found stays. @returns resolves when it has ended */
  end(): Promise<unknown> | undefined {
    this.#current?.abort.abort()
    return this.#current?.done
  }
}
