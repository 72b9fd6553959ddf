/** The list is read when the page opens, when somebody comes back to it, with the laboratory’s own runs, and every few seconds while a run is going. */
import { useEffect } from 'react'
import { useLab } from '../store/labStore'
import { refreshRuns, useLibrary } from '../store/libraryStore'

const EVERY_MS = 4000

export function useFreshRuns(): void {
  const state = useLab((lab) => lab.state)
  const kept = useLab(({ keeping }) =>
    Object.values(keeping?.runs ?? {})
      .map(({ id }) => id)
      .join(' '),
  )
  const going = useLibrary(({ runs }) => runs?.some(({ record }) => record.state === 'running') ?? false)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another state of the laboratory, or other runs of it, are another list
  useEffect(() => void refreshRuns(), [state, kept])
  useEffect(() => {
    const whenSeen = () => {
      if (document.visibilityState === 'visible') void refreshRuns()
    }
    document.addEventListener('visibilitychange', whenSeen)
    return () => document.removeEventListener('visibilitychange', whenSeen)
  }, [])
  useEffect(() => {
    if (!going) return
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void refreshRuns()
    }, EVERY_MS)
    return () => clearInterval(timer)
  }, [going])
}
