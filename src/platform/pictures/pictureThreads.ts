/**
 * Pictures are decoded in threads of their own while a set is imported: whatever a codec does with a damaged file, the
 * thread can be ended, and the one that imports goes on and answers. Behind comlink, web workers or Node's.
 */
import * as Comlink from 'comlink'
import { BasinError, fromPlain } from '../../base/errors'
import { type Reply, reply } from '../../base/reply'
import type { DecodedImage, ImageDecoder, OpenedDecoder } from '../../core/ports'
import type { Thread } from '../threadPool'

interface PictureThread {
  /** Answers once the thread's script is there. */
  ready(): void
  decode(...picture: Parameters<ImageDecoder>): Promise<Reply<DecodedImage>>
}

/** Thread's side: answers until it is ended. */
export function servePictures(decode: ImageDecoder, endpoint?: Comlink.Endpoint): void {
  const thread: PictureThread = {
    ready() {},
    async decode(bytes, kind) {
      const answer = await reply(() => decode(bytes, kind))
      return answer.ok ? Comlink.transfer(answer, [answer.value.rgba.buffer as ArrayBuffer]) : answer
    },
  }
  Comlink.expose(thread, endpoint)
}

export interface PictureThreadsOptions {
  /** Threads at most; each has one picture at a time. */
  size: number
  /** That one picture may take. */
  limitMs?: number
}

/** The largest picture that is let through, 100 megapixels, takes the slowest codec a tenth of it. */
const LIMIT_MS = 60_000
/** The limit is so many ticks of a clock: while the machine sleeps there are none. */
const TICKS = 20

interface Job {
  picture: Parameters<ImageDecoder>
  resolve(image: DecodedImage): void
  reject(error: Error): void
}

/** A thread that was started. */
interface Started {
  remote: Comlink.Remote<PictureThread>
  isReady: boolean
  /** Settled once the thread answers no more. */
  ended: Promise<'ended'>
  end(): void
}

export class PictureThreads implements OpenedDecoder {
  readonly #startThread: () => Thread
  readonly #options: Required<PictureThreadsOptions>
  readonly #queue: Job[] = []
  readonly #running = new Map<Job, Started | undefined>()
  readonly #idle: Started[] = []
  #isClosed = false

  /** Threads are started when there are pictures for them. */
  constructor(startThread: () => Thread, options: PictureThreadsOptions) {
    this.#startThread = startThread
    this.#options = { limitMs: LIMIT_MS, ...options }
  }

  /** Rejects with a BasinError `not-loaded` where no thread can be started, with an Error where a picture is at fault. */
  readonly decode: ImageDecoder = (...picture) =>
    new Promise((resolve, reject) => {
      this.#queue.push({ picture, resolve, reject })
      this.#advance()
    })

  /** Ends all threads at once; pictures that are not done are rejected. */
  close(): void {
    this.#isClosed = true
    for (const started of [...this.#idle, ...this.#running.values()]) started?.end()
    for (const { reject } of this.#queue) reject(new Error('closed'))
    this.#queue.length = 0
    this.#idle.length = 0
  }

  #advance(): void {
    while (!this.#isClosed && this.#running.size < this.#options.size) {
      const job = this.#queue.shift()
      if (!job) return
      this.#running.set(job, undefined)
      this.#work(job)
        .then(job.resolve, job.reject)
        .finally(() => {
          this.#running.delete(job)
          this.#advance()
        })
    }
  }

  async #work(job: Job): Promise<DecodedImage> {
    const started = this.#idle.pop() ?? this.#start()
    this.#running.set(job, started)
    const { remote, ended, end } = started
    if (!started.isReady) {
      if ((await Promise.race([remote.ready(), ended])) === 'ended') throw notStarted('its script failed')
      started.isReady = true
    }
    const { limitMs } = this.#options
    const clock = ticking(limitMs)
    const answer = await Promise.race([remote.decode(...job.picture), ended, clock.over])
    clock.stop()
    if (answer === 'over' || answer === 'ended') {
      end()
      throw new Error(answer === 'over' ? `takes longer than ${limitMs / 1000} s` : 'its decoder ended at it')
    }
    this.#idle.push(started)
    if (answer.ok) return answer.value
    const { error } = answer
    throw error.code === 'internal' ? new Error(error.message) : fromPlain(error)
  }

  #start(): Started {
    let thread: Thread
    try {
      thread = this.#startThread()
    } catch (error) {
      throw notStarted((error as Error).message)
    }
    let end = () => {}
    const ended = new Promise<'ended'>((resolve) => {
      thread.onFailure(() => resolve('ended'))
      end = () => {
        thread.terminate()
        resolve('ended')
      }
    })
    return { remote: Comlink.wrap<PictureThread>(thread.endpoint), isReady: false, ended, end }
  }
}

function ticking(limitMs: number): { over: Promise<'over'>; stop(): void } {
  let timer: ReturnType<typeof setInterval> | undefined
  const over = new Promise<'over'>((resolve) => {
    let ticks = 0
    timer = setInterval(() => ++ticks >= TICKS && resolve('over'), limitMs / TICKS)
  })
  return { over, stop: () => clearInterval(timer) }
}

function notStarted(reason: string): BasinError {
  return new BasinError(
    'not-loaded',
    `pictures: the thread that decodes them could not be started (${reason})`,
    'The pictures are not the reason. Check the connection (in a terminal: npm install) and import again.',
  )
}
