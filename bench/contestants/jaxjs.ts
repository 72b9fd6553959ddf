/** jax-js on WebGPU: the whole step as one jitted function, per-tensor parameters, channels first as it wants them. */
import {
  defaultDevice,
  init,
  type Array as JaxArray,
  jit,
  lax,
  nn,
  numpy as np,
  valueAndGrad,
} from '@jax-js/jax'
import { forward, type Ops } from '../peers/network'
import { MEAN, STD } from '../peers/pixels'
import type { WorkloadHead } from '../workload'
import { provideGpu } from './gpuCalls'
import type { Numbers } from './protocol'
import { normalised, oneHot, type Stepper, serve } from './serve'

const EPSILON = 1e-5

serve({
  async open() {
    await provideGpu()
    if (!(await init('webgpu')).includes('webgpu')) throw new Error('jax-js found no WebGPU')
    defaultDevice('webgpu')
    const adapter = await navigator.gpu.requestAdapter()
    const info = adapter?.info
    return info?.description || info?.device || info?.vendor || ''
  },
  make: async (numbers, rho) => makeStep(numbers, rho),
})

/** jax-js frees what it is handed; `.ref` keeps an array for further use. */
const ops: Ops<JaxArray> = {
  conv: (x, kernel, stride) => lax.convGeneralDilated(x.ref, kernel.ref, [stride, stride], 'SAME'),
  batchNorm(x, scale, bias) {
    const channels = x.shape[1]
    const mean = np.mean(x.ref, [0, 2, 3], { keepdims: true })
    const square = np.mean(np.square(x.ref), [0, 2, 3], { keepdims: true })
    const variance = square.sub(np.square(mean.ref))
    const gain = scale.ref.reshape([1, channels, 1, 1]).div(np.sqrt(variance.add(EPSILON)))
    return x.ref
      .sub(mean)
      .mul(gain)
      .add(bias.ref.reshape([1, channels, 1, 1]))
  },
  relu: (x) => nn.relu(x.ref),
  maxPool2: (x) => lax.reduceWindow(x.ref, np.max as (x: JaxArray) => JaxArray, [2, 2], [2, 2]),
  averagePool: (x, size) =>
    lax.reduceWindow(x.ref, np.mean as (x: JaxArray) => JaxArray, [size, size], [size, size]),
  padChannels: (x, missing) =>
    np.pad(x.ref, [
      [0, 0],
      [0, missing],
      [0, 0],
      [0, 0],
    ]),
  add: (a, b) => a.ref.add(b.ref),
  globalAverage: (x) => np.mean(x.ref, [2, 3]),
  flatten: (x) => np.transpose(x.ref, [0, 2, 3, 1]).reshape([x.shape[0], -1]),
  dense: (x, kernel, bias) => np.matmul(x.ref, kernel.ref).add(bias.ref),
}

type Weights = Record<string, JaxArray>

function makeStep({ head, theta, images, labels }: Numbers, rho: number): Stepper {
  const { hyper } = head
  let weights = upload(head, (offset, size) => theta.slice(offset, offset + size))
  let momentum = upload(head, (_, size) => new Float32Array(size))
  const pixels = toChannelsFirst(normalised(images, MEAN, STD), head)
  const targets = oneHot(labels, head.classes)
  const [height, width, channels] = head.shape
  const names = Object.keys(weights)

  const lossOf = (w: Weights, x: JaxArray, y: JaxArray) => {
    const logits = forward(head, ops, (name) => w[name], x)
    return np.mean(np.sum(nn.logSoftmax(logits).mul(y), 1)).mul(-1)
  }
  const gradientAt = (w: Weights, x: JaxArray, y: JaxArray): [JaxArray, Weights] => {
    const [loss, gradient] = valueAndGrad(lossOf)(refs(w), x.ref, y.ref) as unknown as [JaxArray, Weights]
    return [loss, each((name) => gradient[name].add(w[name].ref.mul(hyper.weightDecay)))]
  }
  const each = (make: (name: string) => JaxArray): Weights =>
    Object.fromEntries(names.map((name) => [name, make(name)]))
  const refs = (w: Weights) => each((name) => w[name].ref)
  const normOf = (w: Weights) =>
    np.sqrt(names.map((name) => np.sum(np.square(w[name].ref))).reduce((a, b) => a.add(b)))

  const step = jit((w: Weights, m: Weights, x: JaxArray, y: JaxArray): [Weights, Weights, JaxArray] => {
    let [loss, gradient] = gradientAt(w, x, y)
    if (rho > 0) {
      const scale = np.array(rho).div(normOf(gradient))
      const ascended = each((name) => w[name].ref.add(gradient[name].ref.mul(scale.ref)))
      gradient = gradientAt(ascended, x, y)[1]
    }
    const factor = np.minimum(np.array(hyper.clip).div(normOf(gradient)), 1)
    const clipped = each((name) => gradient[name].ref.mul(factor.ref))
    const velocity = each((name) => m[name].ref.mul(hyper.momentum).add(clipped[name].ref))
    const updated = each((name) =>
      w[name].ref.sub(velocity[name].ref.mul(hyper.momentum).add(clipped[name].ref).mul(hyper.learningRate)),
    )
    return [updated, velocity, loss]
  })

  const advance = (): JaxArray => {
    const x = np.array(pixels).reshape([head.batch, channels, height, width])
    const y = np.array(targets).reshape([head.batch, head.classes])
    const [newWeights, newMomentum, loss] = step(weights, momentum, x, y) as [Weights, Weights, JaxArray]
    weights = newWeights
    momentum = newMomentum
    return loss
  }
  const read = async (loss: JaxArray) => (await loss.data())[0]

  return {
    async steps(n) {
      for (let i = 1; i < n; i++) advance().dispose()
      return read(advance())
    },
    issue: () => read(advance()),
    dispose() {
      for (const name of names) {
        weights[name].dispose()
        momentum[name].dispose()
      }
    },
  }
}

/** HWIO becomes OIHW. */
function upload(
  head: WorkloadHead,
  values: (offset: number, size: number) => Float32Array<ArrayBuffer>,
): Weights {
  return Object.fromEntries(
    head.entries.map(({ name, shape, offset, size }) => {
      const data = values(offset, size)
      if (shape.length !== 4) return [name, np.array(data).reshape([...shape])]
      const [h, w, ins, outs] = shape
      const moved = new Float32Array(size)
      for (let p = 0; p < h * w; p++) {
        for (let i = 0; i < ins; i++) {
          for (let o = 0; o < outs; o++) moved[(o * ins + i) * h * w + p] = data[(p * ins + i) * outs + o]
        }
      }
      return [name, np.array(moved).reshape([outs, ins, h, w])]
    }),
  )
}

function toChannelsFirst(pixels: Float32Array, { batch, shape }: WorkloadHead): Float32Array<ArrayBuffer> {
  const [height, width, channels] = shape
  const area = height * width
  const moved = new Float32Array(pixels.length)
  for (let n = 0; n < batch; n++) {
    for (let p = 0; p < area; p++) {
      for (let c = 0; c < channels; c++) {
        moved[(n * channels + c) * area + p] = pixels[(n * area + p) * channels + c]
      }
    }
  }
  return moved
}
