/** What a kind of golden is: the fields its cases have, and how one is replayed. */
import { BasinError } from '../../src/base/errors'
import type { z } from '../../src/core/zod'
import type { GoldenCase, Tensors } from '../golden'
import { Checks } from './checks'

/** What a case is replayed with beside its own fields. */
export interface Beside {
  tensors: Tensors
  /** The bytes of a file beside the golden. @throws Unsupported when it is not there */
  read(file: string): Promise<Uint8Array>
}

export interface Kind {
  name: string
  /** What begins its lines of the report. */
  heading: string
  /** @throws BasinError `file-format` when a field is missing, unknown or wrong */
  replay(one: GoldenCase, beside: Beside): Promise<Checks>
}

/**
 * @param fields of a case, beside those that all have (golden.ts)
 * @param replay compares, and says so to the checks
 */
export function kind<T extends z.ZodType>(
  name: string,
  fields: T,
  replay: (fields: z.output<T>, checks: Checks, beside: Beside) => Promise<void>,
  heading = name,
): Kind {
  return {
    name,
    heading,
    async replay({ name: _, tensors: __, note: ___, unsupported: ____, ...own }, beside) {
      const parsed = fields.safeParse(own)
      if (parsed.success) {
        const checks = new Checks()
        await replay(parsed.data, checks, beside)
        return checks
      }
      const wrong = parsed.error.issues.map(
        ({ path, message }) => `${path.join('.') || 'fields'}: ${message}`,
      )
      throw new BasinError('file-format', wrong.join('; '))
    },
  }
}
