// Bundles the command line and its threads with esbuild and runs it: one copy of TensorFlow.js, TypeScript without
// a build step.
import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ensureDependencies } from './setup.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
await ensureDependencies(root)
const { build } = await import('esbuild')
const { esbuildKernels } = await import('./kernels.mjs')
const outdir = join(root, 'node_modules', '.cache', 'basin', `cli-${process.pid}`)
await build({
  entryPoints: {
    main: join(root, 'src/cli/main.ts'),
    batchThread: join(root, 'src/platform/node/batchThread.ts'),
    pictureThread: join(root, 'src/platform/node/pictureThread.ts'),
  },
  outdir,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  mainFields: ['module', 'main'],
  // What is there once installed, and asked for by some commands alone.
  external: ['webgpu', 'vite'],
  plugins: [esbuildKernels],
  sourcemap: 'inline',
  logLevel: 'warning',
  banner: {
    // Named so that no bundled module (fflate) declares the same.
    js: "import { createRequire as basinCreateRequire } from 'node:module'; const require = basinCreateRequire(import.meta.url);",
  },
})
process.env.BASIN_ROOT = root
process.on('exit', () => rmSync(outdir, { recursive: true, force: true }))
await import(pathToFileURL(join(outdir, 'main.mjs')).href)
