/**
 * Times every dispatch by itself, whoever encodes it (tfjs, a replayed recording): while it runs, command encoders
 * of the device come back as watchers that put each dispatch in a compute pass of its own, between two timestamps.
 * The commands are the same and in the same order, so results are bit-equal; the passes cost a little time.
 */
import type { TimedDispatch } from './aggregate'
import { type Workgroups, workOf } from './work'

/** Two timestamps a dispatch; 4096 is WebGPU's limit of a query set. */
const PER_SET = 2048
const NS_PER_MS = 1e6

/**
 * Runs `work`, whose commands must all be submitted when it resolves.
 * @returns every dispatch in order; without `ms` where the device lacks timestamp-query
 */
export async function recordDispatches(
  device: GPUDevice,
  work: () => Promise<unknown>,
): Promise<{ dispatches: TimedDispatch[]; timed: boolean }> {
  const timed = device.features.has('timestamp-query')
  const log = new Log(device, timed)
  const make = device.createCommandEncoder
  device.createCommandEncoder = (descriptor) => watchEncoder(make.call(device, descriptor), log)
  try {
    await work()
  } finally {
    device.createCommandEncoder = make
  }
  try {
    return { dispatches: await log.read(), timed }
  } finally {
    log.destroy()
  }
}

class Log {
  readonly #known: TimedDispatch[] = []
  readonly #sets: GPUQuerySet[] = []

  constructor(
    private readonly device: GPUDevice,
    private readonly timed: boolean,
  ) {}

  /** Where the next dispatch writes its two times; undefined without timestamps. */
  add(pipeline: GPUComputePipeline, workgroups: Workgroups): GPUComputePassTimestampWrites | undefined {
    const { name, flops } = workOf(pipeline, workgroups)
    const index = this.#known.push({ kernel: name, flops }) - 1
    if (!this.timed) return undefined
    if (index % PER_SET === 0) {
      this.#sets.push(this.device.createQuerySet({ type: 'timestamp', count: 2 * PER_SET }))
    }
    const at = 2 * (index % PER_SET)
    return {
      querySet: this.#sets[this.#sets.length - 1],
      beginningOfPassWriteIndex: at,
      endOfPassWriteIndex: at + 1,
    }
  }

  async read(): Promise<TimedDispatch[]> {
    for (const [s, set] of this.#sets.entries()) {
      const first = s * PER_SET
      const count = Math.min(PER_SET, this.#known.length - first)
      const times = await readTimes(this.device, set, 2 * count)
      for (let i = 0; i < count; i++) {
        // Some adapters now and then report an end before the beginning.
        const ns = Number(times[2 * i + 1] - times[2 * i])
        this.#known[first + i].ms = Math.max(0, ns) / NS_PER_MS
      }
    }
    return this.#known
  }

  destroy(): void {
    for (const set of this.#sets) set.destroy()
  }
}

async function readTimes(device: GPUDevice, set: GPUQuerySet, count: number): Promise<BigUint64Array> {
  const size = count * 8
  const resolved = device.createBuffer({
    size,
    usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
  })
  const mapped = device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST })
  try {
    const encoder = device.createCommandEncoder()
    encoder.resolveQuerySet(set, 0, count, resolved, 0)
    encoder.copyBufferToBuffer(resolved, 0, mapped, 0, size)
    device.queue.submit([encoder.finish()])
    await mapped.mapAsync(GPUMapMode.READ)
    return new BigUint64Array(mapped.getMappedRange().slice(0))
  } finally {
    resolved.destroy()
    mapped.destroy()
  }
}

/** The encoder, except that its compute passes are split. */
function watchEncoder(encoder: GPUCommandEncoder, log: Log): GPUCommandEncoder {
  return new Proxy(encoder, {
    get(target, name) {
      if (name === 'beginComputePass') return () => splitPass(target, log)
      const value = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
    set: (target, name, value) => Reflect.set(target, name, value, target),
  })
}

/** A pass that begins and ends a real one around every dispatch. */
function splitPass(encoder: GPUCommandEncoder, log: Log): GPUComputePassEncoder {
  let pipeline: GPUComputePipeline
  const groups = new Map<number, unknown[]>()
  const dispatch = (workgroups: Workgroups, call: (pass: GPUComputePassEncoder) => void) => {
    const pass = encoder.beginComputePass({ timestampWrites: log.add(pipeline, workgroups) })
    pass.setPipeline(pipeline)
    for (const [index, args] of groups) {
      ;(pass.setBindGroup as (...args: unknown[]) => void)(index, ...args)
    }
    call(pass)
    pass.end()
  }
  const split = {
    setPipeline(next: GPUComputePipeline) {
      pipeline = next
    },
    setBindGroup(index: number, ...args: unknown[]) {
      groups.set(index, args)
    },
    dispatchWorkgroups(x: number, y = 1, z = 1) {
      dispatch([x, y, z], (pass) => pass.dispatchWorkgroups(x, y, z))
    },
    dispatchWorkgroupsIndirect(buffer: GPUBuffer, offset: number) {
      dispatch([0, 0, 0], (pass) => pass.dispatchWorkgroupsIndirect(buffer, offset))
    },
    end() {},
    pushDebugGroup() {},
    popDebugGroup() {},
    insertDebugMarker() {},
  }
  return split as unknown as GPUComputePassEncoder
}
