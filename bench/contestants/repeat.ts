/** Repeats for so long, at least twice. @returns how often, and ms each */
export async function repeat(
  seconds: number,
  work: () => Promise<void>,
): Promise<{ count: number; ms: number }> {
  const started = performance.now()
  let count = 0
  while (count < 2 || performance.now() - started < seconds * 1000) {
    await work()
    count++
  }
  return { count, ms: (performance.now() - started) / count }
}
