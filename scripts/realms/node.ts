/** What the command line must not find; see core.ts. */

// @ts-expect-error: a page's
document.title
// @ts-expect-error: a page's
window.alert
// @ts-expect-error: a page's
localStorage.clear()
