/**
 * SHA-256 as lower-case hex. SubtleCrypto where there is one; a page that is served over plain http from another
 * machine has none, and its shards must be checked all the same, so the algorithm stands here too.
 * Source: FIPS 180-4, section 6.2.
 */

export async function sha256(bytes: Uint8Array): Promise<string> {
  const subtle = globalThis.crypto?.subtle
  if (!subtle) return toHex(sha256Plain(bytes))
  return toHex(new Uint8Array(await subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)))
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** First 32 fractional bits of `root(prime)` for the first `count` primes: where all of the constants come from. */
function fractions(count: number, root: (prime: number) => number): Uint32Array {
  const values: number[] = []
  for (let candidate = 2; values.length < count; candidate++) {
    let prime = true
    for (let d = 2; d * d <= candidate; d++) if (candidate % d === 0) prime = false
    if (prime) values.push((root(candidate) % 1) * 2 ** 32)
  }
  return Uint32Array.from(values)
}

const K = fractions(64, Math.cbrt)
const H0 = fractions(8, Math.sqrt)

const rotate = (x: number, n: number) => (x >>> n) | (x << (32 - n))

/** The 32 bytes of the digest, without SubtleCrypto. */
export function sha256Plain(message: Uint8Array): Uint8Array {
  const padded = new Uint8Array((((message.length + 8) >> 6) + 1) << 6)
  padded.set(message)
  padded[message.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setUint32(padded.length - 8, Math.floor(message.length / 2 ** 29))
  view.setUint32(padded.length - 4, (message.length << 3) >>> 0)

  const hash = Uint32Array.from(H0)
  const w = new Uint32Array(64)
  for (let block = 0; block < padded.length; block += 64) {
    for (let t = 0; t < 16; t++) w[t] = view.getUint32(block + 4 * t)
    for (let t = 16; t < 64; t++) {
      const s0 = rotate(w[t - 15], 7) ^ rotate(w[t - 15], 18) ^ (w[t - 15] >>> 3)
      const s1 = rotate(w[t - 2], 17) ^ rotate(w[t - 2], 19) ^ (w[t - 2] >>> 10)
      w[t] = w[t - 16] + s0 + w[t - 7] + s1
    }
    let [a, b, c, d, e, f, g, h] = hash
    for (let t = 0; t < 64; t++) {
      const choice = (e & f) ^ (~e & g)
      const t1 = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice + K[t] + w[t]) | 0
      const majority = (a & b) ^ (a & c) ^ (b & c)
      const t2 = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority) | 0
      h = g
      g = f
      f = e
      e = (d + t1) | 0
      d = c
      c = b
      b = a
      a = (t1 + t2) | 0
    }
    ;[a, b, c, d, e, f, g, h].forEach((value, i) => {
      hash[i] += value
    })
  }
  const digest = new Uint8Array(32)
  const out = new DataView(digest.buffer)
  hash.forEach((value, i) => {
    out.setUint32(4 * i, value)
  })
  return digest
}
