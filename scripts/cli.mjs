// Bundles the command line and runs it.
import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ensureDependencies } from './setup.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
await ensureDependencies(root)
const { bundleCli } = await import('./bundleCli.mjs')
const outdir = join(root, 'node_modules', '.cache', 'basin', `cli-${process.pid}`)
const main = await bundleCli(root, outdir)
process.env.BASIN_ROOT = root
process.on('exit', () => rmSync(outdir, { recursive: true, force: true }))
await import(pathToFileURL(main).href)
