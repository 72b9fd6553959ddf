/**
 * What the module does: a list of commands, each a kernel with its parameters, worked off by one thread or by several
 * together. Threads share a command by its units, whose results do not depend on who computes them, and meet before the
 * next.
 */
import {
  batchApply,
  batchGradientApply,
  batchGradientFinish,
  batchGradientSums,
  batchStatistics,
  batchSums,
  givenStatistics,
} from './batchNorm'
import { convFilter, convForward, convInput, packFilter, packFilterTurned } from './convolution'
import { depthwiseFilter, depthwiseForward, depthwiseInput } from './depthwise'
import { binary, binaryFlat, copyPieces, copyRows, fill, unary } from './elementwise'
import { flat } from './flat'
import { decodeImages } from './images'
import { crossEntropy, errors, evaluationSums } from './loss'
import { matMul } from './matMul'
import { maxPoolBack, meanPoolBack, pool, shortcut } from './pooling'
import { clippedNorm, squares, sumRows } from './sums'

/** The order is that of KERNELS in machine.ts. */
function run(kernel: i32, p: usize, from: i32, to: i32, thread: i32): void {
  switch (kernel) {
    case 0:
      return matMul(p, from, to, thread)
    case 1:
      return packFilter(p, from, to)
    case 2:
      return packFilterTurned(p, from, to)
    case 3:
      return convForward(p, from, to, thread)
    case 4:
      return convInput(p, from, to, thread)
    case 5:
      return convFilter(p, from, to, thread)
    case 6:
      return depthwiseForward(p, from, to)
    case 7:
      return depthwiseInput(p, from, to)
    case 8:
      return depthwiseFilter(p, from, to)
    case 9:
      return batchSums(p, from, to)
    case 10:
      return batchStatistics(p)
    case 11:
      return givenStatistics(p)
    case 12:
      return batchApply(p, from, to)
    case 13:
      return batchGradientSums(p, from, to)
    case 14:
      return batchGradientFinish(p)
    case 15:
      return batchGradientApply(p, from, to)
    case 16:
      return binary(p, from, to)
    case 17:
      return binaryFlat(p, from, to)
    case 18:
      return unary(p, from, to)
    case 19:
      return copyRows(p, from, to)
    case 20:
      return copyPieces(p, from, to)
    case 21:
      return fill(p, from, to)
    case 22:
      return sumRows(p, from, to)
    case 23:
      return squares(p, from, to)
    case 24:
      return clippedNorm(p)
    case 25:
      return pool(p, from, to)
    case 26:
      return maxPoolBack(p, from, to)
    case 27:
      return meanPoolBack(p, from, to)
    case 28:
      return shortcut(p, from, to)
    case 29:
      return crossEntropy(p, from, to)
    case 30:
      return errors(p, from, to)
    case 31:
      return evaluationSums(p)
    case 32:
      return flat(p, from, to, thread)
    case 33:
      return decodeImages(p, from, to)
  }
}

/** Words before a command's parameters: bytes to the next command, kernel, units, threads that it is worth. */
const HEADER: usize = 16

/** Turns of a thread that waits before it sleeps. */
const SPINS = 20000

/**
 * Works off `count` commands from `list` on.
 * @param meeting two words: threads that have come, meetings so far; 0 where one thread is alone
 */
export function execute(list: usize, count: i32, thread: i32, threads: i32, meeting: usize): void {
  for (let i = 0; i < count; i++) {
    const units = load<i32>(list, 8)
    const helpers = min(threads, load<i32>(list, 12))
    if (thread < helpers) {
      const from = <i32>((<i64>units * thread) / helpers)
      const to = <i32>((<i64>units * (thread + 1)) / helpers)
      if (to > from) run(load<i32>(list, 4), list + HEADER, from, to, thread)
    }
    if (ASC_FEATURE_THREADS) if (threads > 1) meet(threads, meeting)
    list += load<usize>(list)
  }
}

/** Returns when all threads have come. */
function meet(threads: i32, meeting: usize): void {
  const turn = atomic.load<i32>(meeting, 4)
  if (atomic.add<i32>(meeting, 1) + 1 === threads) {
    atomic.store<i32>(meeting, 0)
    atomic.add<i32>(meeting, 1, 4)
    atomic.notify(meeting + 4, -1)
    return
  }
  for (let spin = 0; spin < SPINS; spin++) if (atomic.load<i32>(meeting, 4) !== turn) return
  while (atomic.load<i32>(meeting, 4) === turn) atomic.wait<i32>(meeting + 4, turn, -1)
}
