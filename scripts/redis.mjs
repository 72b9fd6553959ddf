// Finds a redis-server for the tests of sweeps, or installs one where that may be done.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Path of the first that is found: REDIS_SERVER, then on the path; undefined if there is none. */
export function findRedis() {
  if (process.env.REDIS_SERVER) return process.env.REDIS_SERVER
  const where = process.platform === 'win32' ? 'where' : 'which'
  for (const name of ['redis-server', 'valkey-server']) {
    const path = spawnSync(where, [name], { encoding: 'utf8' }).stdout?.split('\n')[0].trim()
    if (path) return path
  }
  return undefined
}

/** Without one the tests of sweeps over machines are skipped, and say so. */
export function installRedis() {
  if (findRedis()) return
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    console.error('No redis-server found; trying apt-get install redis-server…')
    const script = 'apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y redis-server'
    spawnSync('sh', ['-c', script], { stdio: ['ignore', 2, 2], timeout: 300_000 })
  }
  if (!findRedis()) console.error('No redis-server: the tests of sweeps over machines are skipped.')
}
