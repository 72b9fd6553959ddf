/** Which page is shown: the address's hash says, so links and the back button work. */
import { useSyncExternalStore } from 'react'

export const VIEWS = [
  { id: 'train', title: 'Train' },
  { id: 'landscape', title: 'Landscape' },
  { id: 'compare', title: 'Compare' },
  { id: 'runs', title: 'Runs' },
  { id: 'data', title: 'Data' },
] as const

export type View = (typeof VIEWS)[number]['id']

function currentView(): View {
  // A page may keep what it shows behind its name.
  const name = location.hash.slice(1).split('?', 1)[0]
  return VIEWS.find(({ id }) => id === name)?.id ?? 'train'
}

function subscribe(changed: () => void): () => void {
  addEventListener('hashchange', changed)
  return () => removeEventListener('hashchange', changed)
}

export const useView = (): View => useSyncExternalStore(subscribe, currentView)
