// Bundles the command line with esbuild and runs it: one copy of TensorFlow.js, TypeScript without a build step.
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ensureDependencies } from './setup.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
await ensureDependencies(root)
const { build } = await import('esbuild')
const outfile = join(root, 'node_modules', '.cache', 'basin', `cli-${process.pid}.mjs`)
await mkdir(dirname(outfile), { recursive: true })
await build({
  entryPoints: [join(root, 'src/cli/main.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  mainFields: ['module', 'main'],
  external: ['webgpu'],
  sourcemap: 'inline',
  logLevel: 'warning',
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
})
process.env.BASIN_ROOT = root
await import(pathToFileURL(outfile).href)
