/** A part of the page that can fail alone: the rest goes on, and it says what happened and offers to try again. */
import { Alert, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { ErrorBoundary, type FallbackProps } from 'react-error-boundary'
import { SmallButton } from '../charts/SmallButton'
import { retry, useRetries } from './retries'

export interface PanelProps {
  /** What is missing when it fails, as a noun. */
  name: string
  children: ReactNode
}

export function Panel({ name, children }: PanelProps) {
  return (
    <ErrorBoundary
      resetKeys={[useRetries()]}
      fallbackRender={({ error }) => <Failure name={name} error={error} />}
    >
      {children}
    </ErrorBoundary>
  )
}

function Failure({ name, error }: { name: string } & Pick<FallbackProps, 'error'>) {
  const what = error instanceof Error ? error.message : String(error)
  return (
    <Alert color="red" title={`${name}: cannot be shown`}>
      <Text size="sm" mb="xs">
        {isOfLoading(what)
          ? `A part of the page could not be loaded (${what}). The connection may be gone, or a newer page may stand in its place: then export the weights, and reload.`
          : `${what}. Training goes on, and weights can be exported.`}
      </Text>
      <SmallButton onClick={retry}>Retry</SmallButton>
    </Alert>
  )
}

/** Chromium, Firefox, Safari; Vite, of a style sheet. */
const isOfLoading = (message: string): boolean =>
  /dynamically imported module|importing a module script failed|preload CSS/i.test(message)
