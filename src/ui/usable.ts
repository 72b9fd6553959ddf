/**
 * The moment from which the page can be used: the form, the drawing and the buttons are on the screen and react. What a
 * person needs later (the device, the charts, dialogs, the type) is fetched from then on, so that nothing of it stands
 * in the way of the first. docs/design.md says what counts; `npm run bench -- ui` measures it.
 */
import { useEffect, useState } from 'react'

/** In a tab that is not looked at nothing is drawn; it is not waited for longer. */
const PATIENCE_MS = 250

let reached = false
let reach = () => {}

export const whenUsable = new Promise<void>((resolve) => {
  reach = () => {
    reached = true
    performance.mark('basin-usable')
    resolve()
  }
})

/** Call when the page has been put together: it is usable once that is drawn. */
export function drawThenGoOn(): void {
  const timer = setTimeout(once, PATIENCE_MS)
  // The second frame begins when the first has been drawn.
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(once)))
  function once() {
    clearTimeout(timer)
    if (!reached) reach()
  }
}

/** Whether it is: for parts that wait until then. */
export function useUsable(): boolean {
  const [usable, setUsable] = useState(reached)
  useEffect(() => {
    if (!usable) void whenUsable.then(() => setUsable(true))
  }, [usable])
  return usable
}
