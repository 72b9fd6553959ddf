/**
 * One error class for everything a user can meet. A class does not survive postMessage, a code does:
 * `toPlain` and `fromPlain` carry an error through the worker boundary whole.
 */

export type ErrorCode =
  | 'config' // a setting is out of its range or two settings contradict each other
  | 'data-missing' // a shard or archive is not where it should be
  | 'data-damaged' // bytes do not match their checksum or format
  | 'storage-full' // no room left to keep data
  | 'storage' // reading or writing local storage failed
  | 'file-format' // a file handed in is not what it claims to be
  | 'tensor-mismatch' // a file's tensors do not fit the network
  | 'not-loaded' // a part of Basin that comes when it is needed (a codec, a thread) could not be loaded
  | 'unsupported' // understood, but not available here
  | 'device' // no device, lost device, out of device memory
  | 'diverged' // NaN or infinite loss
  | 'cancelled' // the user said stop
  | 'internal' // a bug of ours

/** `where: rule, got value` in `message`; what the user can do about it in `remedy`. */
export class BasinError extends Error {
  readonly code: ErrorCode
  readonly remedy: string
  constructor(code: ErrorCode, message: string, remedy = '') {
    super(message)
    this.name = 'BasinError'
    this.code = code
    this.remedy = remedy
  }
}

/** What `read` gives of a part of something; its error names the whole first. */
export function within<T>(whole: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof BasinError)) throw error
    throw new BasinError(error.code, `${whole}: ${error.message}`, error.remedy)
  }
}

export interface PlainError {
  code: ErrorCode
  message: string
  remedy: string
}

/** Any thrown value as a structured-cloneable record; foreign errors become `internal`. */
export function toPlain(error: unknown): PlainError {
  if (error instanceof BasinError) return { code: error.code, message: error.message, remedy: error.remedy }
  const message = error instanceof Error ? error.message : String(error)
  return { code: 'internal', message, remedy: '' }
}

/** The inverse of `toPlain`. */
export function fromPlain(plain: PlainError): BasinError {
  return new BasinError(plain.code, plain.message, plain.remedy)
}
