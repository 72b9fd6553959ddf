/** What the page's workers must not find; see core.ts. */

// @ts-expect-error: a page's
document.title
// @ts-expect-error: a page's
window.alert
// @ts-expect-error: Node's
process.env
// @ts-expect-error: Node's
import('node:fs')
