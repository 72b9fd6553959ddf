/** The quiet button of cards and section heads. */
import { Button, type ButtonProps } from '@mantine/core'
import type { MouseEventHandler, ReactNode } from 'react'

interface SmallButtonProps extends ButtonProps {
  onClick: MouseEventHandler<HTMLButtonElement>
  children: ReactNode
}

export function SmallButton(props: SmallButtonProps) {
  return <Button variant="default" size="xs" {...props} />
}
