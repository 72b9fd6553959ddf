/** Contestants as processes of their own: a bundle in Node, or Python for PyTorch. */
import { fork, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { Host, Pending } from './host'

/** @param env added to this process's own */
export function startNode(name: string, bundle: string, env: Record<string, string>): Host {
  const pending = new Pending()
  const child = fork(bundle, [], {
    // Drivers print warnings; they are not the report.
    stdio: ['ignore', 'ignore', process.env.BENCH_VERBOSE ? 'inherit' : 'pipe', 'ipc'],
    serialization: 'advanced',
    env: { ...process.env, ...env },
  })
  const said = lastWords(child.stderr)
  child.on('message', (message) => pending.settle(message as Parameters<Pending['settle']>[0]))
  const gone = new Promise<void>((resolve) =>
    child.on('exit', (code, signal) => {
      pending.refuseAll(`the process ended (${signal ?? code}) ${said()}`.trim())
      resolve()
    }),
  )
  return new Host(name, {
    call: (method, args) =>
      child.connected
        ? pending.call(method, args, (message) => child.send(message))
        : Promise.reject(new Error(`the process has ended ${said()}`.trim())),
    async close() {
      child.kill('SIGKILL')
      await gone
    },
  })
}

/** @param python a Python that has torch */
export function startPython(name: string, python: string, script: string, args: string[] = []): Host {
  const pending = new Pending()
  const child = spawn(python, [script, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1' },
  })
  const said = lastWords(child.stderr)
  createInterface({ input: child.stdout }).on('line', (line) => pending.settle(JSON.parse(line)))
  child.stdin.on('error', () => {})
  const gone = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      pending.refuseAll(`${python}: ${error.message}`)
      resolve()
    })
    child.on('exit', (code) => {
      pending.refuseAll(`the process ended (${code}) ${said()}`.trim())
      resolve()
    })
  })
  return new Host(name, {
    call: (method, args) =>
      pending.call(method, args, (message) => child.stdin.write(`${JSON.stringify(message)}\n`)),
    async close() {
      child.kill('SIGKILL')
      await gone
    },
  })
}

/** The last line a process said of its own trouble. */
function lastWords(stream: NodeJS.ReadableStream | null): () => string {
  let last = ''
  if (stream) {
    createInterface({ input: stream }).on('line', (line) => {
      if (line.trim() && !/^Warning:/.test(line)) last = line.trim().slice(0, 200)
    })
  }
  return () => last
}
