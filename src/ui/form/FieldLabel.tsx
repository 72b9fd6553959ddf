/** A field's plain name, its flag's name small beside it, and the help behind a question mark. */
import { ActionIcon, Anchor, Popover, Text, VisuallyHidden } from '@mantine/core'
import { IconHelp } from '@tabler/icons-react'

export interface FieldHeadProps {
  label: string
  flag: string
  help: string
  helpId: string
  /** Where to read more. */
  paper?: { title: string; url: string }
}

/** Inside the label: only the plain name and the flag, so that the accessible name stays short. */
export function FieldLabel({ label, flag }: { label: string; flag: string }) {
  return (
    <>
      {label}
      <code className="flag" aria-hidden>
        {flag}
      </code>
    </>
  )
}

/** The help: always there for screen readers, behind a click for everybody. */
export function FieldHelp({ label, help, helpId, paper }: Omit<FieldHeadProps, 'flag'>) {
  return (
    <>
      <VisuallyHidden id={helpId}>{help}</VisuallyHidden>
      <Popover width={280} position="bottom-end" withArrow>
        <Popover.Target>
          <ActionIcon className="help" variant="subtle" color="gray" size={24} aria-label={`Help: ${label}`}>
            <IconHelp size={15} aria-hidden />
          </ActionIcon>
        </Popover.Target>
        <Popover.Dropdown>
          <Text size="sm">{help}</Text>
          {paper && (
            <Anchor href={paper.url} target="_blank" rel="noreferrer" size="xs">
              {paper.title}
            </Anchor>
          )}
        </Popover.Dropdown>
      </Popover>
    </>
  )
}
