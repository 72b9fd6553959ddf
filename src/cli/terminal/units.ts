/** Numbers for a terminal. */

/** Three digits and a unit: `1.23 G`. */
export function shortCount(value: number): string {
  const units = ['', 'k', 'M', 'G', 'T', 'P']
  const power = value < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3))
  return `${Number((value / 1000 ** power).toPrecision(3))} ${units[power]}`.trimEnd()
}
