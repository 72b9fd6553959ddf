/**
 * A button that opens a menu of what can be done, by the browser's own popover: it stands over everything, closes at
 * Escape and at a click beside it, and gives the focus back. Arrow keys, Home and End go through it.
 */
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { closeOnScroll, placeBeside } from './anchored'

export interface MenuEntry {
  label: string
  disabled?: boolean
  run(): void
}

/** What the button must be given. */
export interface MenuTrigger {
  popoverTarget: string
  'aria-haspopup': 'menu'
  'aria-expanded': boolean
}

interface ActionMenuProps {
  /** The menu's name for those who do not see whose it is. */
  label: string
  entries: readonly MenuEntry[]
  align?: 'start' | 'end'
  children(trigger: MenuTrigger): ReactNode
}

export function ActionMenu({ label, entries, align = 'end', children }: ActionMenuProps) {
  const id = useId()
  const menu = useRef<HTMLDivElement>(null)
  const [open, setOpen] = useState(false)
  useEffect(() => (open && menu.current ? closeOnScroll(menu.current) : undefined), [open])
  const choose = (entry: MenuEntry) => {
    menu.current?.hidePopover()
    entry.run()
  }
  return (
    <>
      {children({ popoverTarget: id, 'aria-haspopup': 'menu', 'aria-expanded': open })}
      <div
        ref={menu}
        id={id}
        popover="auto"
        role="menu"
        tabIndex={-1}
        aria-label={label}
        className="action-menu"
        onBeforeToggle={(event) => {
          const button = document.querySelector(`[popovertarget="${id}"]`)
          if (event.newState === 'open' && button) placeBeside(event.currentTarget, button, align)
        }}
        onToggle={(event) => {
          setOpen(event.newState === 'open')
          if (event.newState === 'open') itemsOf(event.currentTarget)[0]?.focus()
        }}
        onKeyDown={moveFocus}
      >
        {entries.map((entry) => (
          <button
            key={entry.label}
            type="button"
            role="menuitem"
            tabIndex={-1}
            disabled={entry.disabled}
            onClick={() => choose(entry)}
          >
            {entry.label}
          </button>
        ))}
      </div>
    </>
  )
}

const itemsOf = (menu: HTMLElement) => [
  ...menu.querySelectorAll<HTMLElement>('[role="menuitem"]:not(:disabled)'),
]

function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const menu = event.currentTarget
  // The focus goes on from the button, to which closing gives it back.
  if (event.key === 'Tab') menu.hidePopover()
  const items = itemsOf(menu)
  const here = items.indexOf(document.activeElement as HTMLElement)
  const next = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: -1 }[event.key]
  if (next === undefined) return
  event.preventDefault()
  items.at(next % items.length)?.focus()
}
