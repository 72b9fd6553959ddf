/** Both ends of a protocol. What its commands take and answer stands once, in its interface; here they only pass. */
import * as Comlink from 'comlink'

type Command = (...args: unknown[]) => Promise<unknown>

/**
 * The commands of an interface, each of which comes to `call`.
 * @param own those that more is done for
 */
export function commands<Api extends object, Own extends Partial<Api>>(
  own: Own,
  call: (name: Exclude<keyof Api, keyof Own>, args: unknown[]) => Promise<unknown>,
): Api {
  return new Proxy(own, {
    // An object that can be awaited has a `then`; commands have none.
    get: (_, name) =>
      name in own || name === 'then'
        ? own[name as keyof Own]
        : (...args: unknown[]) => call(name as Exclude<keyof Api, keyof Own>, args),
  }) as unknown as Api
}

/** Has `on` do one of its commands. */
export const ask = <Api extends object, T>(on: Api, name: keyof Api, args: unknown[]): Promise<T> =>
  (on[name] as Command)(...args) as Promise<T>

/** Page's end: callbacks cross as proxies. */
export const outgoing = (args: unknown[]): unknown[] =>
  args.map((arg) => (typeof arg === 'function' ? Comlink.proxy(arg as () => void) : arg))

/** Worker's end: a callback answers with a promise. Nobody waits for it, and a page that is gone is no error. */
export const quietly =
  <T>(callback: (value: T) => unknown) =>
  (value: T): void => {
    Promise.resolve(callback(value)).catch(() => {})
  }

/** Buffers of the arrays of a plain record, at any depth: made for one message, they move instead of being copied. */
export function buffersIn(value: unknown): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) return [value.buffer as ArrayBuffer]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(buffersIn) : []
}
