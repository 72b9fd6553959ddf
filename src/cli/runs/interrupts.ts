/**
 * Ctrl-C: the first asks for an orderly end, a later one ends at once. npm passes on the signal that the terminal has
 * already sent to everyone, so signals close to the first are the first.
 */

const ECHO_MS = 1000
const CODES = { SIGINT: 130, SIGTERM: 143 } as const

export interface Interrupts {
  signal: AbortSignal
  /** 130 after Ctrl-C, 143 after a polite kill; undefined when nobody interrupted. */
  exitCode(): number | undefined
  dispose(): void
}

export function watchInterrupts(onFirst: () => void): Interrupts {
  const controller = new AbortController()
  let code: number | undefined
  let firstAt = 0
  const handle = (name: NodeJS.Signals) => {
    if (code === undefined) {
      code = CODES[name as keyof typeof CODES]
      firstAt = performance.now()
      onFirst()
      controller.abort()
    } else if (performance.now() - firstAt > ECHO_MS) process.exit(code)
  }
  const names = Object.keys(CODES) as (keyof typeof CODES)[]
  for (const name of names) process.on(name, handle)
  return {
    signal: controller.signal,
    exitCode: () => code,
    dispose() {
      for (const name of names) process.off(name, handle)
    },
  }
}
