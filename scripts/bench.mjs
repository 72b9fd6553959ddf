// Bundles the bench's coordinator and its contestants with esbuild, each with its own copy of what it imports, and runs it.
import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ensureDependencies } from './setup.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
await ensureDependencies(root)
const { build } = await import('esbuild')
const { esbuildKernels } = await import('./kernels.mjs')
const folder = join(root, 'node_modules', '.cache', 'basin', `bench-${process.pid}`)

/** Names as they are in the report; each bundle is alone with its libraries, so that a peer stays as it comes. */
const CONTESTANTS = {
  basin: 'basin',
  basin_f16: 'basinF16',
  tfjs: 'tfjs',
  jaxjs: 'jaxjs',
  tfjs_wasm: 'tfjsWasm',
  tfjs_cpu: 'tfjsCpu',
  basin_wasm: 'basinWasm',
  basin_wasm_1: 'basinWasm1',
}
const contestants = Object.fromEntries(
  Object.entries(CONTESTANTS).map(([name, file]) => [name, join(root, `bench/contestants/${file}.ts`)]),
)
// Another checkout's Basin, of an earlier commit say, bundled with its own sources and libraries.
if (process.env.BENCH_BESIDE) {
  contestants.basin_beside = join(process.env.BENCH_BESIDE, 'bench/contestants/basin.ts')
}
const common = {
  bundle: true,
  format: 'esm',
  mainFields: ['module', 'main'],
  logLevel: 'warning',
  plugins: [esbuildKernels],
}
const node = {
  ...common,
  platform: 'node',
  target: 'node20',
  outExtension: { '.js': '.mjs' },
  banner: {
    // Named so that no bundled module declares the same. TensorFlow.js' WebAssembly loader asks for __dirname.
    js: "import { createRequire as basinCreateRequire } from 'node:module'; const require = basinCreateRequire(import.meta.url); const __dirname = import.meta.dirname ?? '.'; const __filename = 'bench';",
  },
}
/** Dawn and threads of Node are for Node: a page would stop at an import of node:fs. */
const withoutNode = {
  name: 'without-node',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /platform\/node\/(webGpu|batchThreads|wasmThreads)$/ }, ({ path }) => ({
      path,
      namespace: 'none',
    }))
    onLoad({ filter: /.*/, namespace: 'none' }, () => ({
      contents:
        'export const provideWebGpu = undefined; export const openNodeThreads = undefined; export const nodeMachine = undefined',
    }))
  },
}
await Promise.all([
  build({
    ...node,
    entryPoints: { main: join(root, 'bench/main.ts') },
    outdir: folder,
    external: ['@playwright/test', 'webgpu'],
  }),
  build({
    ...node,
    // With the threads that prepare Basin's batches.
    entryPoints: { ...contestants, batchThread: join(root, 'src/platform/node/batchThread.ts') },
    outdir: join(folder, 'node'),
    external: ['webgpu'],
  }),
  build({
    ...common,
    entryPoints: { ...contestants, kernelsWorker: join(root, 'bench/contestants/kernelsWorker.ts') },
    outdir: join(folder, 'browser'),
    platform: 'browser',
    target: 'es2022',
    plugins: [withoutNode, esbuildKernels],
    // Required only where there is no browser.
    external: ['fs', 'path', 'crypto', 'worker_threads', 'perf_hooks', 'os'],
    define: { 'process.env.NODE_ENV': '"production"' },
  }),
])
process.env.BASIN_ROOT = root
process.env.BENCH_BUNDLES = folder
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
await import(pathToFileURL(join(folder, 'main.mjs')).href)
