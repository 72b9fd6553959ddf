/**
 * SHA-256 as lower-case hex. SubtleCrypto where there is one; a page that is served over plain http from another
 * machine has none, and its shards must be checked all the same.
 */
import { sha256 as plain } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'

export async function sha256(bytes: Uint8Array): Promise<string> {
  const subtle = globalThis.crypto?.subtle
  if (!subtle) return bytesToHex(plain(bytes))
  return bytesToHex(new Uint8Array(await subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)))
}
