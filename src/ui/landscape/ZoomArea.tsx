/** A square over a plane on which a rectangle is dragged. By keyboard: the measure’s setting `window`. */
import { type PointerEvent, useState } from 'react'
import { type Corner, draggedWindow, type PlaneWindow } from './windows'

interface ZoomAreaProps extends PlaneWindow {
  left: number
  top: number
  side: number
  onZoom: (window: PlaneWindow) => void
}

export function ZoomArea({ left, top, side, x, y, onZoom }: ZoomAreaProps) {
  const [drag, setDrag] = useState<{ from: Corner; to: Corner }>()
  const corner = (event: PointerEvent<HTMLElement>): Corner => {
    const box = event.currentTarget.getBoundingClientRect()
    return {
      across: (event.clientX - box.left) / box.width,
      up: 1 - (event.clientY - box.top) / box.height,
    }
  }
  const end = (event: PointerEvent<HTMLElement>) => {
    const window = drag && draggedWindow({ x, y }, drag.from, corner(event))
    setDrag(undefined)
    if (window) onZoom(window)
  }
  return (
    <div
      className="zoom-area"
      style={{ left, top, width: side, height: side }}
      onPointerDown={(event) => {
        if (event.button !== 0) return
        event.currentTarget.setPointerCapture(event.pointerId)
        setDrag({ from: corner(event), to: corner(event) })
      }}
      onPointerMove={(event) => drag && setDrag({ from: drag.from, to: corner(event) })}
      onPointerUp={end}
      onPointerCancel={() => setDrag(undefined)}
    >
      {drag && <div className="zoom-frame" style={frameStyle(drag.from, drag.to)} />}
    </div>
  )
}

function frameStyle(a: Corner, b: Corner) {
  const percent = (share: number) => `${100 * Math.min(Math.max(share, 0), 1)}%`
  return {
    left: percent(Math.min(a.across, b.across)),
    right: percent(1 - Math.max(a.across, b.across)),
    bottom: percent(Math.min(a.up, b.up)),
    top: percent(1 - Math.max(a.up, b.up)),
  }
}
