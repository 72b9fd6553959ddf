/** JSON.parse keeps the last of two equal keys without a word; a file that says a name twice must be refused. */

/**
 * @param text valid JSON whose top level is an object
 * @returns a key that stands twice in that object, if any
 */
export function repeatedKey(text: string): string | undefined {
  const seen = new Set<string>()
  let depth = 0
  // At the top level strings alternate with values, and only a key is followed by a colon.
  for (let i = 0; i < text.length; i++) {
    const char = text[i]
    if (char === '{' || char === '[') depth++
    else if (char === '}' || char === ']') depth--
    else if (char === '"') {
      const end = endOfString(text, i)
      if (depth === 1 && isKey(text, end)) {
        const key = JSON.parse(text.slice(i, end + 1)) as string
        if (seen.has(key)) return key
        seen.add(key)
      }
      i = end
    }
  }
  return undefined
}

function isKey(text: string, end: number): boolean {
  let i = end + 1
  while (' \t\n\r'.includes(text[i])) i++
  return text[i] === ':'
}

function endOfString(text: string, start: number): number {
  let i = start + 1
  while (text[i] !== '"') i += text[i] === '\\' ? 2 : 1
  return i
}
