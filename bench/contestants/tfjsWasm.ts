/** Stock TensorFlow.js on WebAssembly with SIMD, one thread. */
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import { MEAN, STD } from '../peers/pixels'
import * as tf from '../peers/stockTf'
import { makeTfjsStep } from '../peers/tfjsStep'
import { timedMatmul } from './matmul'
import { serve } from './serve'

serve({
  async open() {
    tf.env().set('PROD', false)
    const folder = typeof process !== 'undefined' && process.env?.BENCH_WASM
    setWasmPaths(folder || new URL('wasm/', self.location.href).href)
    setThreadsCount(1)
    await tf.setBackend('wasm')
    await tf.ready()
    if (tf.getBackend() !== 'wasm') throw new Error('the wasm backend did not start')
    return 'WebAssembly'
  },
  make: async (numbers, rho) => makeTfjsStep(numbers, MEAN, STD, rho),
  extra: { matmul: timedMatmul(tf) },
})
