/**
 * Settings under a title, with what deviates among them while it is closed. Most are never opened: what is in it is made
 * with the first opening, and keeps what was typed from then on.
 */
import { type ReactNode, useEffect, useId, useState } from 'react'

interface FoldProps {
  title: string
  /** What deviates, in words; empty: nothing. */
  changed: string
  /** From what. */
  changedTitle: string
  /** Something in it must be seen now. */
  wanted?: boolean
  /** @param open whether it can be seen */
  children: (open: boolean) => ReactNode
}

export function Fold({ title, changed, changedTitle, wanted = false, children }: FoldProps) {
  const [open, setOpen] = useState(false)
  const [opened, setOpened] = useState(false)
  if (open && !opened) setOpened(true)
  const bodyId = useId()
  useEffect(() => {
    if (wanted) setOpen(true)
  }, [wanted])
  return (
    <div className="fold">
      <h3>
        <button type="button" aria-expanded={open} aria-controls={bodyId} onClick={() => setOpen(!open)}>
          {title}
        </button>
      </h3>
      {changed !== '' && !open && (
        <p className="fold-changed" title={changedTitle}>
          {changed}
        </p>
      )}
      <div id={bodyId} hidden={!open}>
        {opened && children(open)}
      </div>
    </div>
  )
}
