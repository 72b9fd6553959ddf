/** On paper the page is light, whatever it is on the screen; drawings that are no CSS are made anew for it. */

const SCHEME = 'data-mantine-color-scheme'
const redraws = new Set<() => void>()
let before: string | null = null
let printing = false

/** Call once, at the page's beginning. */
export function watchPrinting(): void {
  const print = matchMedia('print')
  print.addEventListener('change', () => turn(print.matches))
  // Firefox tells by these alone.
  window.addEventListener('beforeprint', () => turn(true))
  window.addEventListener('afterprint', () => turn(false))
}

function turn(on: boolean): void {
  if (on === printing) return
  printing = on
  const root = document.documentElement
  if (on) {
    before = root.getAttribute(SCHEME)
    root.setAttribute(SCHEME, 'light')
  } else if (before !== null) root.setAttribute(SCHEME, before)
  for (const redraw of redraws) redraw()
}

export const isPrinting = (): boolean => printing

/** @param redraw is called when printing begins and when it ends @returns what stops that */
export function onPrinting(redraw: () => void): () => void {
  redraws.add(redraw)
  return () => redraws.delete(redraw)
}
