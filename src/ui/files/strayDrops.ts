/**
 * A file let go beside a place that takes files would make the browser open it in the page's stead, and the run would
 * be gone: such a drop does nothing.
 */
export function ignoreStrayDrops(target: Window = window): void {
  const ignore = (event: DragEvent) => {
    // A place that takes files has said so by now: events come here last.
    if (event.defaultPrevented) return
    event.preventDefault()
    if (event.dataTransfer) event.dataTransfer.dropEffect = 'none'
  }
  target.addEventListener('dragover', ignore)
  target.addEventListener('drop', ignore)
}
