/**
 * The WebAssembly kernels (src/engine/wasm/assembly, AssemblyScript), compiled when a bundler meets their import and kept
 * under node_modules/.cache until a source changes: `virtual:kernels/<variant>` is the module in base64.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const sources = join(root, 'src/engine/wasm/assembly')
const cache = join(root, 'node_modules/.cache/basin')

const SHARED = ['--enable', 'threads', '--sharedMemory']
const RELAXED = ['--enable', 'relaxed-simd']
const VARIANTS = {
  plain: [],
  'plain-shared': SHARED,
  relaxed: RELAXED,
  'relaxed-shared': [...RELAXED, ...SHARED],
}
/**
 * Memory comes from outside; the module's own are a few constants, below where tensors begin and above what orders and
 * commands take (src/engine/wasm/machine.ts).
 */
const COMMON = [
  '--memoryBase',
  '49152',
  '-O3',
  '--disableWarning',
  '112',
  '--noAssert',
  '--enable',
  'simd',
  '--runtime',
  'stub',
  '--importMemory',
  '--maximumMemory',
  '65536',
]

function digest(variant) {
  const hash = createHash('sha256').update(JSON.stringify([COMMON, VARIANTS[variant]]))
  for (const file of readdirSync(sources).sort()) hash.update(readFileSync(join(sources, file)))
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules/assemblyscript/package.json'), 'utf8'))
  return hash.update(version).digest('hex').slice(0, 16)
}

/** Bundlers ask for the same at the same time: each is compiled once. */
const asked = new Map()

/** @returns the compiled module's bytes */
export function kernels(variant) {
  const key = `${variant} ${digest(variant)}`
  if (!asked.has(key)) asked.set(key, compiled(variant))
  return asked.get(key)
}

async function compiled(variant) {
  const file = join(cache, `kernels-${variant}-${digest(variant)}.wasm`)
  if (!existsSync(file)) {
    mkdirSync(cache, { recursive: true })
    const { default: asc } = await import('assemblyscript/asc')
    const written = `${file}.${process.pid}`
    const { error, stderr } = await asc.main([
      join(sources, 'index.ts'),
      '-o',
      written,
      ...COMMON,
      ...VARIANTS[variant],
    ])
    if (error) throw new Error(`kernels: ${error.message}\n${stderr.toString()}`)
    renameSync(written, file)
  }
  return readFileSync(file)
}

const NAME = /^virtual:kernels\/(.+)$/

const moduleOf = async (name) => `export default '${(await kernels(name)).toString('base64')}'`

/** For Vite. */
export const viteKernels = () => ({
  name: 'basin-kernels',
  resolveId: (id) => (NAME.test(id) ? `\0${id}` : undefined),
  load: (id) => (id.startsWith('\0virtual:kernels/') ? moduleOf(NAME.exec(id.slice(1))[1]) : undefined),
})

/** For esbuild. */
export const esbuildKernels = {
  name: 'basin-kernels',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: NAME }, ({ path }) => ({ path, namespace: 'kernels' }))
    onLoad({ filter: /.*/, namespace: 'kernels' }, async ({ path }) => ({
      contents: await moduleOf(NAME.exec(path)[1]),
    }))
  },
}
