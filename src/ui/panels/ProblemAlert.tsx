/** What went wrong, and what to do about it. */
import { Alert } from '@mantine/core'
import type { ReactNode } from 'react'
import type { PlainError } from '../../base/errors'
import { sentences } from '../format'

interface ProblemAlertProps {
  problem: PlainError
  title?: string
  /** Absent: it stays. */
  onClose?: () => void
  children?: ReactNode
}

export function ProblemAlert({ problem, title = 'That did not work', onClose, children }: ProblemAlertProps) {
  return (
    <Alert color="red" title={title} withCloseButton={onClose !== undefined} onClose={onClose}>
      {sentences(problem)}
      {children}
    </Alert>
  )
}
