/** What the figures were taken on, in a line. */
import { readFileSync } from 'node:fs'
import { cpus, release, totalmem, type } from 'node:os'

export function describeMachine(browser: string | undefined): string {
  const processors = cpus()
  const model = processors[0]?.model.trim() || modelFromProc() || 'unknown processor'
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`
  const where = browser ? `Chromium ${browser}` : `Node ${process.versions.node}`
  return `${processors.length} × ${model}, ${memory}, ${type()} ${release()}, ${where}`
}

function modelFromProc(): string | undefined {
  try {
    return /model name\s*: (.*)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]
  } catch {
    return undefined
  }
}
