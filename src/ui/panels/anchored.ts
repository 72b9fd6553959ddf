/** Where a popover of the browser's own opens: below its button, or above it where there is more room. */

/** Between button and popover, and to the window's edges. */
const GAP = 4
const EDGE = 8

/** @param align which edges lie over each other */
export function placeBeside(popover: HTMLElement, button: Element, align: 'start' | 'end'): void {
  const { left, right, top, bottom } = button.getBoundingClientRect()
  const [width, height] = [document.documentElement.clientWidth, innerHeight]
  const below = height - bottom >= Math.min(top, 320)
  const { style } = popover
  style.top = below ? `${bottom + GAP}px` : 'auto'
  style.bottom = below ? 'auto' : `${height - top + GAP}px`
  style.left = align === 'start' ? `${Math.max(EDGE, left)}px` : 'auto'
  style.right = align === 'end' ? `${Math.max(EDGE, width - right)}px` : 'auto'
  style.maxWidth = `${align === 'start' ? width - Math.max(EDGE, left) - EDGE : Math.min(right, width - EDGE) - EDGE}px`
  style.maxHeight = `${(below ? height - bottom : top) - GAP - EDGE}px`
}

/** Closes it as soon as what it stands beside moves away. @returns stops looking */
export function closeOnScroll(popover: HTMLElement): () => void {
  const close = (event: Event) => {
    if (!popover.contains(event.target as Node)) popover.hidePopover()
  }
  document.addEventListener('scroll', close, { capture: true, passive: true })
  return () => document.removeEventListener('scroll', close, { capture: true })
}
