/**
 * A process that trains one job after the other on its device. Apart from the one that holds the jobs' locks, which so
 * is never too busy to renew them; a job that takes its process down takes nothing else with it.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { BasinError, fromPlain, type PlainError } from '../../base/errors'
import type { TuneMode } from '../../engine/tuning/tune'
import type { DeviceChoice } from '../terminal/device'
import type { Progress, RunResult } from './job'
import type { Trainer } from './trainer'
import type { Task, TaskWatch } from './trainJob'

export type ToChild =
  | { kind: 'train'; task: Task; stateEvery?: number; sendState: boolean }
  | { kind: 'stop' }

export type FromChild =
  | { kind: 'note'; line: string }
  | { kind: 'progress'; progress: Progress }
  | { kind: 'state'; bytes: Uint8Array }
  | { kind: 'done'; result: RunResult }
  | { kind: 'failed'; error: PlainError }

export interface ProcessOptions {
  /** The bundled command line; `sweep child` of it is the other end. */
  entry: string
  device: DeviceChoice
  tune?: TuneMode
  f16?: boolean
  /** How many such processes share the machine's cores. */
  siblings: number
}

/** Of what a process said before it ended. */
const LAST_WORDS = 400

export class TrainProcess implements Trainer {
  readonly #options: ProcessOptions
  #child: ChildProcess | undefined
  #said = ''

  constructor(options: ProcessOptions) {
    this.#options = options
  }

  train(task: Task, watch: TaskWatch): Promise<RunResult> {
    const child = this.#child ?? this.#start()
    this.#child = child
    return new Promise((resolve, reject) => {
      const stop = () => this.#send(child, { kind: 'stop' })
      const settle = (act: () => void) => {
        child.off('message', take)
        child.off('exit', ended)
        watch.signal.removeEventListener('abort', stop)
        act()
      }
      const take = (message: unknown) => {
        const from = message as FromChild
        if (from.kind === 'note') watch.note(from.line)
        else if (from.kind === 'progress') watch.progress(from.progress)
        else if (from.kind === 'state') watch.state?.(from.bytes)
        else if (from.kind === 'done') settle(() => resolve(from.result))
        else {
          // What a device is worth after an error of its own nobody knows: the next job gets a new process.
          if (from.error.code === 'device') this.close()
          settle(() => reject(fromPlain(from.error)))
        }
      }
      const ended = (code: number | null, name: string | null) => {
        const how = name ? `by ${name}` : `with code ${code}`
        const words = this.#said.trim().split('\n').slice(-2).join(' ')
        const message = `the process that trained it ended ${how}${words && `: ${words}`}`
        settle(() => reject(new BasinError('device', message, 'It is tried again in a new one.')))
      }
      child.on('message', take)
      child.on('exit', ended)
      watch.signal.addEventListener('abort', stop)
      const { stateEvery } = watch
      this.#send(child, { kind: 'train', task, stateEvery, sendState: watch.state !== undefined })
      if (watch.signal.aborted) stop()
    })
  }

  /** It ends by itself once nobody is there to hear it. */
  close(): void {
    if (this.#child?.connected) this.#child.disconnect()
    this.#child = undefined
  }

  #send(child: ChildProcess, message: ToChild): void {
    if (child.connected) child.send(message)
  }

  #start(): ChildProcess {
    const { entry, device, tune, f16, siblings } = this.#options
    const words = ['sweep', 'child', '--device', device, ...(tune ? ['--tune', tune] : [])]
    if (f16) words.push('--f16')
    const threads = Math.max(1, Math.floor(availableParallelism() / siblings))
    this.#said = ''
    const child = fork(entry, words, {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: [],
      // Threads change no bit, but processes that share cores wait for each other's.
      env: { ...(siblings > 1 && { BASIN_THREADS: String(threads) }), ...process.env },
    })
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#said = (this.#said + chunk.toString()).slice(-LAST_WORDS)
    })
    child.once('exit', () => {
      if (this.#child === child) this.#child = undefined
    })
    return child
  }
}
