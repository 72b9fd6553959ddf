/** A text that is taken over when the person leaves the field or presses Enter; Escape undoes. */
import { TextInput, type TextInputProps } from '@mantine/core'
import { useEffect, useState } from 'react'

interface DraftInputProps extends TextInputProps {
  value: string
  /** Changes when the typed text must give way to `value` again. */
  epoch: unknown
  onCommit: (text: string) => void
}

export function DraftInput({ value, epoch, onCommit, ...input }: DraftInputProps) {
  const [draft, setDraft] = useState(value)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `epoch` asks for the value again
  useEffect(() => setDraft(value), [value, epoch])
  const commit = () => {
    onCommit(draft)
    // What an empty field means stands in it.
    if (draft.trim() === '' || draft.trim() === value) setDraft(value)
  }
  return (
    <TextInput
      {...input}
      value={draft}
      onChange={(event) => setDraft(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === 'Enter') commit()
        if (event.key === 'Escape') setDraft(value)
      }}
    />
  )
}
