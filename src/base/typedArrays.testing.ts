/** Vitest compares typed arrays key by key; here those of the same bytes are known as equal without that. */
import { expect } from 'vitest'

/** Undefined where they may still be equal (0 and −0), or differ: that is for Vitest to say, and to show. */
function haveSameBytes(a: unknown, b: unknown): true | undefined {
  if (!ArrayBuffer.isView(a) || !ArrayBuffer.isView(b)) return undefined
  if (a.constructor !== b.constructor || a.byteLength !== b.byteLength) return undefined
  const [left, right] = [a, b].map((x) => new Uint8Array(x.buffer, x.byteOffset, x.byteLength))
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return undefined
  return true
}

// This is read once a file, and files share a process.
const known = Symbol.for('basin: equality by bytes')
if (!Reflect.has(globalThis, known)) expect.addEqualityTesters([haveSameBytes])
Reflect.set(globalThis, known, true)
