/** Rows as lines with columns of equal width. @param toRight which columns stand at their right edge */
export function alignedLines(
  rows: readonly (readonly string[])[],
  toRight: (column: number) => boolean = () => false,
): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  const cell = (text: string, column: number) =>
    toRight(column) ? text.padStart(widths[column]) : text.padEnd(widths[column])
  return rows.map((row) => row.map(cell).join('  ').trimEnd())
}
