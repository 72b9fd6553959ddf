/** A helping thread in a page of the bench. */
import { serve, type ThreadData } from '../../src/engine/wasm/serve'

self.onmessage = ({ data }: MessageEvent<ThreadData>) => serve(data)
