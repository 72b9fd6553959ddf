/** A component whose code is loaded when it is first shown, and again on Retry when that failed. */
import { type ComponentType, type LazyExoticComponent, lazy } from 'react'
import { useRetries } from './retries'

interface Attempt<P> {
  /** The count of retries at which it was begun. */
  retries: number
  failed: boolean
  Part: LazyExoticComponent<ComponentType<P>>
}

/** Differs from React's `lazy`, which keeps a failure for ever. */
export function retriedLazy<P extends object>(
  load: () => Promise<{ default: ComponentType<P> }>,
): ComponentType<P> {
  let attempt = begin(load, 0)
  return function Retried(props: P) {
    const retries = useRetries()
    if (attempt.failed && retries > attempt.retries) attempt = begin(load, retries)
    const Part = attempt.Part as ComponentType<P>
    return <Part {...props} />
  }
}

function begin<P>(load: () => Promise<{ default: ComponentType<P> }>, retries: number): Attempt<P> {
  const attempt: Attempt<P> = {
    retries,
    failed: false,
    Part: lazy(() =>
      load().catch((error) => {
        attempt.failed = true
        throw error
      }),
    ),
  }
  return attempt
}
