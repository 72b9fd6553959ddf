// `npm start`: installs what is missing, builds, serves the page on localhost and prints its address.
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureDependencies } from './setup.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
await ensureDependencies(root)
const { build, preview } = await import('vite')
await build({ root, logLevel: 'warn' })
const server = await preview({ root })
console.log(`\n  Basin is ready: ${server.resolvedUrls.local[0]}\n  Ctrl-C stops it.\n`)
