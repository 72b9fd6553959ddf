// What a host says of the page in the headers of its answers; `npm start` sends it, docs/hosting.md has it for others.

/** The page's policy, which index.html carries itself: it holds on hosts that send no headers too. */
const PAGE = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self' 'unsafe-inline'",
  'img-src': "'self' blob: data:",
  'font-src': "'self' data:",
  'connect-src': "'self'",
  'worker-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
}

/**
 * A worker has the policy that its own script came with, none where a host sends none. The decoders of pictures are
 * WebAssembly and run in workers; the page itself may still compile none, since both policies hold there.
 * `frame-ancestors` counts in a header alone.
 */
const HEADER = { ...PAGE, 'script-src': "'self' 'wasm-unsafe-eval'", 'frame-ancestors': "'none'" }

const text = (policy) =>
  Object.entries(policy)
    .map(([directive, sources]) => `${directive} ${sources}`)
    .join('; ')

export const PAGE_POLICY = text(PAGE)

/** Of what the build names by its contents (`assets/`): another visit asks for none of it, and has it compiled. */
export const KEPT_FOR_EVER = 'public, max-age=31536000, immutable'

/**
 * `Cross-Origin-Opener-Policy` and `-Embedder-Policy` isolate the page, so that threads may share memory; without them it
 * trains on one. They count on https and localhost alone.
 */
export const HEADERS = {
  'Content-Security-Policy': text(HEADER),
  'X-Content-Type-Options': 'nosniff',
  // The address carries every setting.
  'Referrer-Policy': 'no-referrer',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}
