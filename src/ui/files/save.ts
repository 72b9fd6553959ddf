/** Hands a file to the person: a link with a blob address, clicked. */

export function saveFile(filename: string, blob: Blob): void {
  const address = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = address
  link.download = filename
  link.click()
  // The download has its own reference once it started; give slow browsers a moment.
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}

export function saveText(filename: string, text: string, type = 'text/csv'): void {
  saveFile(filename, new Blob([text], { type }))
}
