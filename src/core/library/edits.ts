/**
 * What a person says of a run, in a file beside its record: the record belongs to whoever trains the run, so each file
 * has one writer and neither undoes the other. A list shows both as one; an archive has them in its record.
 */
import type { RunFiles } from '../ports'
import { z } from '../zod'
import type { RunRecord } from './record'

export const EDITS = 'edits.json'

const LONGEST_NAME = 120
const text = z.string().max(4000)
const editsSchema = z
  .object({
    name: z.string().trim().min(1).max(LONGEST_NAME),
    notes: text,
    pinned: z.boolean(),
    hidden: z.boolean(),
  })
  .partial()

export type Edits = z.infer<typeof editsSchema>

/** A file that cannot be read says nothing. @param folder of the run, with a slash at its end */
export async function readEdits(files: RunFiles, folder: string): Promise<Edits> {
  const bytes = await files.get(folder + EDITS)
  if (!bytes) return {}
  try {
    return editsSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data ?? {}
  } catch {
    return {}
  }
}

/** Keeps changes over those of before; what does not fit (an empty name) is left out. */
export async function edit(files: RunFiles, folder: string, changes: Edits): Promise<void> {
  const fitting = Object.entries(changes).filter(
    ([name, value]) => editsSchema.safeParse({ [name]: value }).success,
  )
  const edits = { ...(await readEdits(files, folder)), ...editsSchema.parse(Object.fromEntries(fitting)) }
  await files.put(folder + EDITS, new TextEncoder().encode(`${JSON.stringify(edits)}\n`))
}

export const edited = (record: RunRecord, edits: Edits): RunRecord => ({ ...record, ...edits })
