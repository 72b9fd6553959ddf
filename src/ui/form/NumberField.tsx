/** A number that is taken over when the person leaves the field or presses Enter; Escape undoes, arrows count. */
import { TextInput } from '@mantine/core'
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react'

export interface NumberFieldProps {
  name: string
  label: ReactNode
  value: number | null
  min: number
  max: number
  integer: boolean
  step?: number
  /** An empty field means null. */
  nullable?: boolean
  placeholder?: string
  error?: string
  'aria-describedby'?: string
  /** Where the label alone would not tell it from others of the page. */
  'aria-label'?: string
  onCommit: (value: number | null | undefined) => void
  /** Without the small buttons that count up and down. */
  hideControls?: boolean
  /** Changes when the typed text must give way to `value` again. */
  epoch?: unknown
}

const textOf = (value: number | null) => (value === null ? '' : String(value))

export function NumberField(props: NumberFieldProps) {
  const { name, value, nullable, onCommit, epoch, integer } = props
  const [draft, setDraft] = useState(textOf(value))
  // biome-ignore lint/correctness/useExhaustiveDependencies: `epoch` asks for the value again
  useEffect(() => setDraft(textOf(value)), [value, epoch])
  const commit = (text: string) => {
    if (text === '' && !nullable) {
      onCommit(undefined)
      // What an empty field means stands in it, also where that is what stood there.
      return setDraft(textOf(value))
    }
    onCommit(text === '' ? null : Number(text))
  }
  const counted = (by: number) => countedText(props, draft, by)
  const keys = (event: KeyboardEvent) => {
    const by = { ArrowUp: 1, ArrowDown: -1 }[event.key]
    if (by) {
      event.preventDefault()
      setDraft(counted(by))
    }
    if (event.key === 'Enter') commit(draft)
    if (event.key === 'Escape') setDraft(textOf(value))
  }
  return (
    <TextInput
      name={name}
      label={props.label}
      inputMode={integer ? 'numeric' : 'decimal'}
      autoComplete="off"
      value={draft}
      placeholder={props.placeholder}
      error={props.error}
      aria-describedby={props['aria-describedby']}
      aria-label={props['aria-label']}
      rightSection={
        !props.hideControls && (
          <Counters onCount={(by) => setDraft(counted(by))} onEnd={() => commit(draft)} />
        )
      }
      rightSectionWidth={28}
      onChange={(event) => setDraft(typed(event.currentTarget.value))}
      onBlur={() => commit(draft)}
      onKeyDown={keys}
    />
  )
}

/** What of a typed text can be of a number. */
const typed = (text: string) => text.replace(',', '.').replace(/[^\d.eE+-]/g, '')

/** A step further from what stands there, within the bounds. */
function countedText({ value, min, max, integer, step }: NumberFieldProps, draft: string, by: number) {
  const here = draft === '' || Number.isNaN(Number(draft)) ? (value ?? Math.max(min, 0)) : Number(draft)
  const next = here + by * (step ?? (integer ? 1 : 0.01))
  return String(Math.min(max, Math.max(min, Number(next.toPrecision(12)))))
}

/** While one is held it goes on counting. */
const HOLD_MS = 500
const REPEAT_MS = 120

/** For the mouse alone: keys have the arrows, and a finger a keypad. */
function Counters({ onCount, onEnd }: { onCount(by: number): void; onEnd(): void }) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const count = useRef(onCount)
  count.current = onCount
  useEffect(() => () => clearTimeout(timer.current), [])
  const stop = () => clearTimeout(timer.current)
  const start = (by: number) => {
    count.current(by)
    const again = () => {
      count.current(by)
      timer.current = setTimeout(again, REPEAT_MS)
    }
    timer.current = setTimeout(again, HOLD_MS)
  }
  return (
    <span className="counters" aria-hidden>
      {[1, -1].map((by) => (
        <button
          key={by}
          type="button"
          tabIndex={-1}
          // The focus stays where it is.
          onMouseDown={(event) => {
            event.preventDefault()
            start(by)
          }}
          onMouseUp={() => {
            stop()
            onEnd()
          }}
          onMouseLeave={stop}
        >
          {by > 0 ? '+' : '−'}
        </button>
      ))}
    </span>
  )
}
