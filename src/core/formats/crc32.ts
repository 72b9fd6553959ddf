/** CRC-32 by table, reflected: the zip archive's polynomial and Castagnoli's, which TensorBoard files use. */

function table(polynomial: number): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1
    return value
  })
}

const ZIP = table(0xedb88320)
const CASTAGNOLI = table(0x82f63b78)

function checksum(values: Uint32Array, bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (let i = 0; i < bytes.length; i++) crc = values[(crc ^ bytes[i]) & 255] ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}

/** The CRC-32 of zip, gzip and PNG. */
export const crc32 = (bytes: Uint8Array): number => checksum(ZIP, bytes)

/** CRC-32C. */
export const crc32c = (bytes: Uint8Array): number => checksum(CASTAGNOLI, bytes)

/** CRC-32C as TFRecord files store it: rotated and offset, so that a checksum of checksums is not a fixed point. */
export function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c(bytes)
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}
