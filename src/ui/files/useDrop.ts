/** A place that files are dropped on: whether something is held over it, and the handlers that find out. */
import { type DragEvent, useState } from 'react'

export function useDrop(onDrop: (transfer: DataTransfer) => void) {
  const [over, setOver] = useState(false)
  return {
    'data-over': over,
    onDragOver(event: DragEvent) {
      event.preventDefault()
      setOver(true)
    },
    onDragLeave(event: DragEvent) {
      if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false)
    },
    onDrop(event: DragEvent) {
      event.preventDefault()
      setOver(false)
      onDrop(event.dataTransfer)
    },
  }
}
