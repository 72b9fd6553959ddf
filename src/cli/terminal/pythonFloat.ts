/**
 * A number as Python's str() prints a float: both languages print the shortest digits that read back to the same
 * bits; they differ in when they use an exponent and how they write it.
 */

/** `0.0`, `0.05`, `1e-05`, `1e+16`, `200.0` */
export function pythonFloat(value: number): string {
  const [digits, exponentText] = value.toExponential().split('e')
  const exponent = Number(exponentText)
  if (value !== 0 && (exponent < -4 || exponent >= 16)) {
    const sign = exponent < 0 ? '-' : '+'
    return `${digits}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`
  }
  const text = Object.is(value, -0) ? '-0' : String(value)
  return Number.isInteger(value) ? `${text}.0` : text
}
