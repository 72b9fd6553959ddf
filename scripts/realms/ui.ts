/** What the page must not find; see core.ts. */

// @ts-expect-error: a worker's
importScripts('x.js')
// @ts-expect-error: Node's
process.env
// @ts-expect-error: Node's
import('node:fs')
