/** Parts whose code is fetched once the page can be used; until then, and while it comes, something stands for them. */
import { type ReactNode, Suspense } from 'react'
import { useUsable } from '../usable'

interface LaterProps {
  standIn?: ReactNode
  children: ReactNode
}

export function Later({ standIn = null, children }: LaterProps) {
  return useUsable() ? <Suspense fallback={standIn}>{children}</Suspense> : standIn
}
