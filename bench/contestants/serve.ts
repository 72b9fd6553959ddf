/**
 * A contestant's end of the wire: answers calls, as a child process of Node or as a worker of a page. It gets a
 * function that builds one training step and does the timing itself, the same for all.
 */
import { countDispatches } from './gpuCalls'
import type { Built, ContestantApi, Job, Numbers } from './protocol'

/** One training step of a network at hand. */
export interface Stepper {
  /** `n` steps one after the other; resolves with the loss of the last when it is known. */
  steps(n: number): Promise<number>
  /** Encodes and submits one step and returns at once; what it returns resolves when the step is done. */
  issue(): Promise<unknown>
  dispose(): void
}

export interface Contestant {
  /** Starts the device. @returns the adapter's name */
  open(): Promise<string>
  make(numbers: Numbers, rho: number, changes?: Job['changes']): Promise<Stepper>
  /** Anything else this contestant can be asked. */
  extra?: Record<string, (...args: never[]) => Promise<unknown>>
}

const JS_SAMPLES = 5

export function serve({ open, make, extra }: Contestant): void {
  const steppers = new Map<string, Stepper>()
  const get = (id: string) => {
    const stepper = steppers.get(id)
    if (!stepper) throw new Error(`no such job: ${id}`)
    return stepper
  }
  const api: ContestantApi = {
    open,
    async build({ id, workload, rho, changes }: Job): Promise<Built> {
      const numbers = await fetchNumbers(workload)
      const started = performance.now()
      const stepper = await make(numbers, rho, changes)
      const loss = await stepper.steps(1)
      const firstStepMs = performance.now() - started
      steppers.set(id, stepper)
      // The second is the first at full speed.
      await stepper.steps(1)
      return { firstStepMs, loss }
    },
    async run(id, minMs) {
      const stepper = get(id)
      const started = performance.now()
      let steps = 0
      // Several at once where they are short: a real loop does not wait for each. An even number: LookSAM takes turns.
      for (let n = 2; performance.now() - started < minMs; n = Math.min(2 * n, 64)) {
        await stepper.steps(n)
        steps += n
      }
      return { steps, ms: performance.now() - started }
    },
    async facts(id) {
      const stepper = get(id)
      const js: number[] = []
      for (let i = 0; i < JS_SAMPLES; i++) {
        const started = performance.now()
        const done = stepper.issue()
        js.push(performance.now() - started)
        await done
      }
      const dispatches = await countDispatches(() => stepper.steps(1))
      return { dispatches, jsMs: Math.min(...js) }
    },
    async drop(id) {
      steppers.get(id)?.dispose()
      steppers.delete(id)
    },
  }
  answer({ ...api, ...extra } as Record<string, (...args: never[]) => Promise<unknown>>)
}

/** @param address without `.json` or `.bin` */
export async function fetchNumbers(address: string): Promise<Numbers> {
  const head = await (await fetch(`${address}.json`)).json()
  const buffer = await (await fetch(`${address}.bin`)).arrayBuffer()
  const thetaBytes = head.parameters * 4
  const pixels = head.batch * head.shape[0] * head.shape[1] * head.shape[2]
  return {
    head,
    theta: new Float32Array(buffer, 0, head.parameters),
    images: new Uint8Array(buffer, thetaBytes, pixels),
    labels: new Uint8Array(buffer, thetaBytes + pixels, head.batch),
  }
}

interface Call {
  id: number
  method: string
  args: unknown[]
}

/** Calls come in, values or messages of errors go out. */
function answer(methods: Record<string, (...args: never[]) => Promise<unknown>>): void {
  const reply = async ({ id, method, args }: Call) => {
    try {
      const call = methods[method]
      if (!call) throw new Error(`cannot ${method}`)
      return { id, value: await call(...(args as never[])) }
    } catch (error) {
      return { id, error: error instanceof Error ? error.message : String(error) }
    }
  }
  if (typeof process !== 'undefined' && process.send) {
    process.on('message', async (call: Call) => process.send?.(await reply(call)))
    process.on('disconnect', () => process.exit())
  } else {
    self.onmessage = async ({ data }: MessageEvent<Call>) => self.postMessage(await reply(data))
  }
}

/** (p/255 − mean)/std, as Basin's own batches are. */
export function normalised(pixels: Uint8Array, mean: number, std: number): Float32Array {
  return Float32Array.from(pixels, (p) => (p / 255 - mean) / std)
}

export function oneHot(labels: Uint8Array, classes: number): Float32Array {
  const rows = new Float32Array(labels.length * classes)
  labels.forEach((label, i) => {
    rows[i * classes + label] = 1
  })
  return rows
}
