/** The field that must be seen next: whatever is folded over it opens, and it takes the focus. */
import { useEffect, useRef } from 'react'
import { create } from 'zustand'
import type { FieldName } from '../../core/config/schema'

export const useWantedField = create<{ name?: FieldName }>(() => ({}))

export const wantField = (name: FieldName) => useWantedField.setState({ name })

/** Of the box around a field: gives its input the focus when it is wanted. */
export function useFocusWhenWanted(name: FieldName) {
  const box = useRef<HTMLDivElement>(null)
  const wanted = useWantedField((field) => field.name === name)
  useEffect(() => {
    if (!wanted) return
    useWantedField.setState({ name: undefined })
    // What it was folded under has just been opened.
    requestAnimationFrame(() => {
      box.current?.scrollIntoView({ block: 'center' })
      box.current?.querySelector<HTMLElement>('input, select, button')?.focus({ preventScroll: true })
    })
  }, [wanted])
  return box
}
