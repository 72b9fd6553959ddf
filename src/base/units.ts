/** Quantities in words, the same on the page, in errors and in a terminal. */

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB']

/** `512 KiB`, `1.5 GiB` */
export function bytesText(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1024 ** power
  return `${power > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${UNITS[power]}`
}
