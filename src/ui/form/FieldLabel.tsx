/** A field's plain name, its flag's name when somebody points at it, and the help behind a question mark. */
import { ActionIcon, Anchor } from '@mantine/core'
import { IconHelp } from '@tabler/icons-react'
import { useEffect, useId, useRef, useState } from 'react'
import { closeOnScroll, placeBeside } from '../panels/anchored'

export interface FieldHeadProps {
  label: string
  flag: string
  help: string
  helpId: string
  /** Where to read more. */
  paper?: { title: string; url: string }
}

/** Inside the label: only the plain name and, written by the style sheet, the flag; the accessible name stays short. */
export function FieldLabel({ label, flag }: { label: string; flag: string }) {
  return (
    <>
      {label}
      <code className="flag" data-flag={flag} aria-hidden />
    </>
  )
}

/** The help: always there for screen readers, behind a click for everybody. */
export function FieldHelp({ label, flag, help, helpId, paper }: FieldHeadProps) {
  const id = useId()
  const bubble = useRef<HTMLDivElement>(null)
  const [open, setOpen] = useState(false)
  useEffect(() => (open && bubble.current ? closeOnScroll(bubble.current) : undefined), [open])
  return (
    <>
      <span className="visually-hidden" id={helpId}>
        {help}
      </span>
      <ActionIcon
        className="help"
        size={24}
        aria-label={`Help: ${label}`}
        aria-expanded={open}
        popoverTarget={id}
      >
        <IconHelp size={15} aria-hidden />
      </ActionIcon>
      <div
        ref={bubble}
        id={id}
        popover="auto"
        className="help-bubble"
        onBeforeToggle={(event) => {
          const button = document.querySelector(`[popovertarget="${id}"]`)
          if (event.newState === 'open' && button) placeBeside(event.currentTarget, button, 'end')
        }}
        onToggle={(event) => setOpen(event.newState === 'open')}
      >
        {open && (
          <>
            <p>{help}</p>
            <code>{flag}</code>
            {paper && (
              <Anchor href={paper.url} target="_blank" rel="noreferrer" size="xs">
                {paper.title}
              </Anchor>
            )}
          </>
        )}
      </div>
    </>
  )
}
