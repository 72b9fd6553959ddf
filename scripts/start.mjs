// `npm start`: installs what is missing, builds, serves the page on localhost and prints its address.
// `npm start -- --runs DIR`: with the runs of a folder, as `npm run runs -- serve DIR` does.
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ensureDependencies } from './setup.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const { values } = parseArgs({ options: { runs: { type: 'string' }, port: { type: 'string' } } })
if (values.runs !== undefined) {
  const port = values.port === undefined ? [] : ['--port', values.port]
  process.argv = [...process.argv.slice(0, 2), 'runs', 'serve', values.runs, ...port]
  await import('./cli.mjs')
} else {
  await ensureDependencies(root)
  const { build, preview } = await import('vite')
  await build({ root, logLevel: 'warn' })
  const server = await preview({ root, preview: { port: values.port && Number(values.port) } })
  console.log(`\n  Basin is ready: ${server.resolvedUrls.local[0]}\n  Ctrl-C stops it.\n`)
}
