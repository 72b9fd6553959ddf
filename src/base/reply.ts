/** What a command comes to across a boundary that errors do not pass by themselves. */
import { type PlainError, toPlain } from './errors'

export type Reply<T = undefined> = { ok: true; value: T } | { ok: false; error: PlainError }

/** What `body` comes to, thrown errors included. */
export async function reply<T>(body: () => Promise<T> | T): Promise<Reply<T>> {
  try {
    return { ok: true, value: await body() }
  } catch (error) {
    return refusal(error)
  }
}

export const refusal = (error: unknown): Reply<never> => ({ ok: false, error: toPlain(error) })
