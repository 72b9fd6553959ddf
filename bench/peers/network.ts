/**
 * The networks of the cases once more, over whatever operations a peer has, independent of Basin's own code. Training
 * mode, without the running statistics of batch norm, which only spares the peers some work.
 */
import type { WorkloadHead } from '../workload'

/** Operations on a peer's tensors; none of them consumes its arguments. */
export interface Ops<T> {
  /** Same padding, the odd pixel at the end. */
  conv(x: T, kernel: T, stride: number): T
  /** Over all axes but channels, biased variance, ε = 1e-5. */
  batchNorm(x: T, scale: T, bias: T): T
  relu(x: T): T
  maxPool2(x: T): T
  /** Non-overlapping windows. */
  averagePool(x: T, size: number): T
  /** Zeros behind the channels. */
  padChannels(x: T, missing: number): T
  add(a: T, b: T): T
  /** [N, …] → [N, channels] */
  globalAverage(x: T): T
  /** [N, H, W, C] → [N, H·W·C], in this order whatever the peer's layout. */
  flatten(x: T): T
  dense(x: T, kernel: T, bias: T): T
}

type Params<T> = (name: string) => T

/** @returns logits [N, classes] */
export function forward<T>(head: WorkloadHead, ops: Ops<T>, param: Params<T>, images: T): T {
  if (head.model === 'mlp') return mlp(head, ops, param, images)
  if (head.model === 'cnn_small') return cnnSmall(head, ops, param, images)
  return wideResnet(head, ops, param, images)
}

const layersOf = (head: WorkloadHead, prefix: string) =>
  [...new Set(head.entries.map(({ name }) => name.split('/')[0]))]
    .filter((name) => name.startsWith(prefix))
    .sort((a, b) => Number(a.split('_')[1]) - Number(b.split('_')[1]))

function dense<T>(ops: Ops<T>, param: Params<T>, path: string, x: T): T {
  return ops.dense(x, param(`${path}/kernel`), param(`${path}/bias`))
}

function norm<T>(ops: Ops<T>, param: Params<T>, path: string, x: T): T {
  return ops.relu(ops.batchNorm(x, param(`${path}/scale`), param(`${path}/bias`)))
}

function mlp<T>(head: WorkloadHead, ops: Ops<T>, param: Params<T>, images: T): T {
  const layers = layersOf(head, 'Dense')
  return layers.reduce((x, path, i) => {
    const y = dense(ops, param, path, x)
    return i < layers.length - 1 ? ops.relu(y) : y
  }, ops.flatten(images))
}

function cnnSmall<T>(head: WorkloadHead, ops: Ops<T>, param: Params<T>, images: T): T {
  const norms = layersOf(head, 'BatchNorm')
  const maps = layersOf(head, 'Conv').reduce(
    (x, path, i) => ops.maxPool2(norm(ops, param, norms[i], ops.conv(x, param(`${path}/kernel`), 1))),
    images,
  )
  const [hidden, classify] = layersOf(head, 'Dense')
  return dense(ops, param, classify, ops.relu(dense(ops, param, hidden, ops.flatten(maps))))
}

function wideResnet<T>(head: WorkloadHead, ops: Ops<T>, param: Params<T>, images: T): T {
  const channelsOf = (path: string) => head.entries.find(({ name }) => name === `${path}/kernel`)!.shape
  let x = ops.conv(images, param('init_conv/kernel'), 1)
  for (let group = 0; group < 3; group++) {
    for (let block = 0; block < head.blocksPerGroup; block++) {
      const path = `WideResnetGroup_${group}/WideResnetBlock_${block}`
      const stride = group > 0 && block === 0 ? 2 : 1
      const [, , input, output] = channelsOf(`${path}/conv1`)
      const activated = norm(ops, param, `${path}/init_bn`, x)
      let y = ops.conv(activated, param(`${path}/conv1/kernel`), stride)
      y = ops.conv(norm(ops, param, `${path}/bn_2`, y), param(`${path}/conv2/kernel`), 1)
      let shortcut = group === 0 && block === 0 ? activated : x
      if (stride > 1) shortcut = ops.averagePool(shortcut, stride)
      if (output > input) shortcut = ops.padChannels(shortcut, output - input)
      x = ops.add(y, shortcut)
    }
  }
  return dense(ops, param, 'Dense_3', ops.globalAverage(norm(ops, param, 'pre-pool-bn', x)))
}
