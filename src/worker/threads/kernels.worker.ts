/** A helping thread of the WebAssembly kernels: what it is given once is all it needs. */
import { serve, type ThreadData } from '../../engine/wasm/serve'

self.onmessage = ({ data }: MessageEvent<ThreadData>) => serve(data)
