// `npm run typecheck`: each realm under its tsconfig, which has only what is there at run time, so that `document` in
// core or `node:` in a worker does not compile (scripts/realms/ holds it to that); then tests, bench and journeys, which
// may use everything.
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureDependencies } from './setup.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
await ensureDependencies(root)

const realms = ['core', 'worker', 'ui', 'node'].map((realm) => `tsconfig.${realm}.json`)
for (const config of [...realms, 'tsconfig.json']) {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  // Several checkers look at most types several times: on two cores that takes longer than one does.
  const { status } = spawnSync(process.execPath, [tsc, '--pretty', '--singleThreaded', '-p', config], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) {
    console.error(`against ${config}`)
    process.exitCode = 1
  }
}
