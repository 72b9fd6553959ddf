/** The connection to Redis, and in words what is wrong with the one that was named. Loaded by sweeps alone. */
import type { Redis } from 'ioredis'
import { BasinError } from '../../base/errors'

/** Of all keys. */
export const PREFIX = 'basin'
/** BullMQ's scripts need it. */
const OLDEST = [6, 2]
const CONNECT_MS = 5000

const START = 'docs/sweeps.md says how one is started.'

/** For error messages: without the password. */
function shown(url: string): string {
  try {
    const { hostname, port, pathname } = new URL(url)
    return `${hostname}:${port || 6379}${pathname === '/' ? '' : pathname}`
  } catch {
    return url
  }
}

/**
 * @param note is told of what is not as it should be, and of connections lost and found
 * @throws BasinError `config`, `storage`, `storage-full` where nothing can be done with it
 */
export async function connectRedis(url: string, note: (line: string) => void): Promise<Redis> {
  if (!/^rediss?:\/\//.test(url)) {
    throw new BasinError('config', `--redis: redis://[:PASSWORD@]HOST[:PORT], got ${url}`, START)
  }
  const { Redis } = await import('ioredis')
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    // Blocking commands wait as long as it takes; BullMQ asks for it.
    maxRetriesPerRequest: null,
    retryStrategy: (times) => Math.min(200 * times, 2000),
  })
  let trouble: Error | undefined
  redis.on('error', (error) => {
    trouble ??= error
  })
  try {
    await withinTime(redis.connect(), () => trouble)
    await checkServer(redis, note)
  } catch (error) {
    redis.disconnect()
    throw inWords(error instanceof BasinError ? error : (trouble ?? error), url)
  }
  tellOfLosses(redis, shown(url), note)
  return redis
}

/** ioredis tries for ever; whoever typed a command wants to know. */
function withinTime<T>(work: Promise<T>, trouble: () => Error | undefined): Promise<T> {
  let timer: NodeJS.Timeout
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(trouble() ?? new Error('no answer')), CONNECT_MS)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

function inWords(error: unknown, url: string): BasinError {
  if (error instanceof BasinError) return error
  const { message, code } = error as NodeJS.ErrnoException
  const where = `redis at ${shown(url)}`
  if (/WRONGPASS|NOAUTH|invalid password|without any password/i.test(message)) {
    const remedy = 'Write it into the address: --redis redis://:PASSWORD@HOST:PORT.'
    return new BasinError('config', `${where}: the password is missing or wrong (${message})`, remedy)
  }
  if (/NOPERM/.test(message)) {
    return new BasinError('config', `${where}: this user may not do what sweeps need (${message})`)
  }
  if (/OOM/.test(message)) return fullRedis(message)
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new BasinError('config', `${where}: no such host`, 'Check the address.')
  }
  if (/Protocol error|Parser/i.test(message)) {
    return new BasinError('config', `${where}: something else than Redis answers (${message})`, START)
  }
  return new BasinError('storage', `${where}: no Redis answers (${message})`, START)
}

export const fullRedis = (message: string): BasinError =>
  new BasinError(
    'storage-full',
    `redis: no memory left (${message})`,
    'Raise its maxmemory, or remove sweeps that are done: sweep -- remove NAME.',
  )

async function checkServer(redis: Redis, note: (line: string) => void): Promise<void> {
  const info = factsOf(await redis.info())
  const version = info.get('redis_version') ?? '0'
  const [major, minor] = version.split('.').map(Number)
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    throw new BasinError('config', `redis: version ${OLDEST.join('.')} or later, got ${version}`, START)
  }
  if (info.get('cluster_enabled') === '1') {
    throw new BasinError('config', 'redis: a single server, got a cluster', START)
  }
  const policy = info.get('maxmemory_policy')
  if (info.get('maxmemory') !== '0' && policy !== undefined && policy !== 'noeviction') {
    throw new BasinError(
      'config',
      `redis: maxmemory-policy noeviction, got ${policy}, which drops jobs when memory is short`,
      'redis-cli config set maxmemory-policy noeviction',
    )
  }
  if (info.get('aof_enabled') === '0') {
    note('Redis keeps no append-only file: jobs since its last snapshot are lost with it (appendonly yes).')
  }
}

/** `name:value` lines. */
export const factsOf = (info: string): Map<string, string> =>
  new Map(
    info
      .split(/\r?\n/)
      .filter((line) => line.includes(':'))
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  )

function tellOfLosses(redis: Redis, where: string, note: (line: string) => void): void {
  let lost = false
  redis.on('close', () => {
    if (lost || redis.status === 'end') return
    lost = true
    note(`Redis at ${where} does not answer; waiting for it.`)
  })
  redis.on('ready', () => {
    if (lost) note('Redis is back.')
    lost = false
  })
}
