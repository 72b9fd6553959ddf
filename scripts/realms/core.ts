/**
 * What base, engine and core must not find: they run in a page's worker and in Node alike. A line that compiles fails
 * `npm run typecheck`, whatever package brought the name in.
 */

// @ts-expect-error: a page's
document.title
// @ts-expect-error: a page's
window.alert
// @ts-expect-error: a page's
localStorage.clear()
// @ts-expect-error: Node's
process.env
// @ts-expect-error: Node's
Buffer.from([])
// @ts-expect-error: Node's
import('node:fs')
