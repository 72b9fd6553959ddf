/** A redis-server of the test's own, with password and append-only file, on a free port. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { findRedis } from '../../../scripts/redis.mjs'

export const hasRedis = findRedis() !== undefined
if (!hasRedis) console.warn('no redis-server here (apt-get install redis-server): tests with it are skipped')

const PASSWORD = 'secret'

export class TestRedis {
  #child: ChildProcess | undefined

  private constructor(
    readonly dir: string,
    readonly port: number,
  ) {}

  /** @param dir an empty folder, for its files */
  static async start(dir: string): Promise<TestRedis> {
    const redis = new TestRedis(dir, await freePort())
    await redis.start()
    return redis
  }

  get url(): string {
    return `redis://:${PASSWORD}@127.0.0.1:${this.port}`
  }

  /** Again, with what its append-only file holds. */
  async start(): Promise<void> {
    const options = {
      port: this.port,
      bind: '127.0.0.1',
      dir: this.dir,
      requirepass: PASSWORD,
      appendonly: 'yes',
      'maxmemory-policy': 'noeviction',
    }
    const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])
    const child = spawn(findRedis()!, [...words, '--save', ''], { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#child = child
    for await (const chunk of child.stdout) if (String(chunk).includes('Ready to accept')) break
    child.stdout.resume()
  }

  async stop(): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null) return
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
