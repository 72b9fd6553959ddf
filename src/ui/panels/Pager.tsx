/** A page back, a page on; what is between them says where one is. */
import type { ReactNode } from 'react'
import { SmallButton } from '../charts/SmallButton'

interface PagerProps {
  className: string
  offset: number
  perPage: number
  total: number
  onOffset(offset: number): void
  children?: ReactNode
}

export function Pager({ className, offset, perPage, total, onOffset, children }: PagerProps) {
  return (
    <div className={className}>
      <SmallButton disabled={offset === 0} onClick={() => onOffset(Math.max(0, offset - perPage))}>
        Previous
      </SmallButton>
      {children}
      <SmallButton disabled={offset + perPage >= total} onClick={() => onOffset(offset + perPage)}>
        Next
      </SmallButton>
    </div>
  )
}
