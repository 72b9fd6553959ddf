/** Tables as CSV (RFC 4180, lines end in \n): numbers as JavaScript prints them, which reads back to the same bits. */

export type CsvValue = number | string | boolean | null | undefined

/** One line with its line end. NaN, null and undefined are empty fields: nothing was measured there. */
export function csvLine(values: readonly CsvValue[]): string {
  return `${values.map(field).join(',')}\n`
}

/**
 * @param columns header
 * @param rows each as long as `columns`
 */
export function encodeCsv(columns: readonly string[], rows: Iterable<readonly CsvValue[]>): string {
  let text = csvLine(columns)
  for (const row of rows) text += csvLine(row)
  return text
}

function field(value: CsvValue): string {
  if (value === null || value === undefined || Number.isNaN(value)) return ''
  const text = String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
