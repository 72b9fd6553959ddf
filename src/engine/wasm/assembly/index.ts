/**
 * What the module does: a command, a kernel with its parameters, worked off by one thread or by several together. Threads
 * share a command by its units, whose results depend neither on who computes them nor on how many at a time.
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
import { normals } from './normals'
import { maxPoolBack, meanPoolBack, pool, shortcut } from './pooling'
import { clippedNorm, maxRows, products, squares, sumOfParts, sumRows } from './sums'

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
    case 34:
      return products(p, from, to)
    case 35:
      return sumOfParts(p)
    case 36:
      return normals(p, from, to)
    case 37:
      return maxRows(p, from, to)
  }
}

/** Bytes before a command's parameters: kernel, units, units that are taken at a time. */
const HEADER: usize = 12

/** Turns of a thread that waits before it sleeps. */
const SPINS = 20000

/** All of a command, by one thread. */
export function execute(command: usize): void {
  run(load<i32>(command), command + HEADER, 0, load<i32>(command, 4), 0)
}

/**
 * Commands one after another.
 * @param list pairs of words: where a command is, and whether threads share it
 * @param order the number of the last command that was shared
 * @returns that number now
 */
export function sequence(list: usize, count: i32, order: i32, control: usize, job: usize): i32 {
  for (let i = 0; i < count; i++, list += 8) {
    const command = load<usize>(list)
    if (load<i32>(list, 4)) lead(command, ++order, control, job)
    else execute(command)
  }
  return order
}

/**
 * What threads share of a command, at `job`: as one word of 64 bits the command's number and its next unit, then where
 * it is, and apart from these how many of its units are done. A thread takes units by moving the word on, which fails
 * if it has changed since it was read: so one that comes late, to a command that is over, takes nothing of the next.
 */
const COMMAND: usize = 8
const DONE: usize = 64

/** Beyond the units of any command: nothing is left to take. */
const CLOSED: i64 = 0x7fffffff

/**
 * A command, by whoever is there: the caller takes part, and returns when all units are done. A thread that has not
 * come by then is not waited for.
 * @param order its number
 * @param control the word that the others watch
 */
export function lead(command: usize, order: i32, control: usize, job: usize): void {
  if (!ASC_FEATURE_THREADS) return
  const units = load<i32>(command, 4)
  const number = (<i64>order) << 32
  atomic.store<i32>(job, 0, DONE)
  store<usize>(job, command, COMMAND)
  atomic.store<i64>(job, number)
  atomic.store<i32>(control, order)
  atomic.notify(control, -1)
  share(order, 0, job)
  for (let spin = 0; spin < SPINS && atomic.load<i32>(job, DONE) !== units; spin++) {}
  for (let done = atomic.load<i32>(job, DONE); done !== units; done = atomic.load<i32>(job, DONE)) {
    atomic.wait<i32>(job + DONE, done, -1)
  }
  atomic.store<i64>(job, number | CLOSED)
}

/** Takes part in the command of this number until nothing of it is left to take. */
export function share(order: i32, thread: i32, job: usize): void {
  if (!ASC_FEATURE_THREADS) return
  for (;;) {
    const seen = atomic.load<i64>(job)
    if (<i32>(seen >> 32) !== order) return
    const command = load<usize>(job, COMMAND)
    const units = load<i32>(command, 4),
      most = load<i32>(command, 8)
    const from = <i32>seen
    if (from >= units) return
    const count = min(most, units - from)
    if (atomic.cmpxchg<i64>(job, seen, seen + <i64>count) !== seen) continue
    run(load<i32>(command), command + HEADER, from, from + count, thread)
    if (atomic.add<i32>(job, count, DONE) + count === units) atomic.notify(job + DONE, 1)
  }
}
