/** What is wider than its card scrolls inside it; the keyboard must be able to scroll it too. */
import type { ReactNode } from 'react'

interface ScrollRegionProps {
  label: string
  className?: string
  children: ReactNode
}

export function ScrollRegion({ label, className = 'table-scroll', children }: ScrollRegionProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region needs focus
    <section className={className} tabIndex={0} aria-label={label}>
      {children}
    </section>
  )
}
