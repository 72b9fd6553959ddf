/** The manifest of a data set: what its shards hold, how to normalise it, and the sums that the shards must have. */
import { BasinError } from '../../../base/errors'
import { z } from '../../zod'
import { labelBytes, MAX_SHARD_BYTES } from '../shards/shard'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits')
const positive = z.number().int().min(1)

const shardSchema = z.object({
  /** Name beside the manifest; never a path. */
  file: z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/, 'a plain file name'),
  split: z.enum(['train', 'test']),
  count: positive,
  /** As it lies on the server, gzip; the same as unpacked in an imported set. */
  packed: z.object({ bytes: positive, sha256 }),
  unpacked: z.object({ bytes: positive.max(MAX_SHARD_BYTES), sha256 }),
})

export const manifestSchema = z
  .object({
    format: z.literal(1),
    name: z.string().min(1),
    title: z.string().min(1),
    height: positive,
    width: positive,
    channels: positive,
    class_names: z.array(z.string().min(1)).min(2).max(65_536),
    /** Per channel, in units of pixel/255. */
    mean: z.array(z.number()),
    std: z.array(z.number().positive()),
    splits: z.object({ train: positive, test: positive }),
    shards: z.array(shardSchema).min(2),
    /** How shards hold images: pixels, or JPEG files one after another before the labels. */
    encoding: z.enum(['raw', 'jpeg']).default('raw'),
    /** True where neighbouring images tend to be of one class: subsets and hold-outs are then drawn from all of it. */
    scattered: z.boolean().default(false),
    /** Images of each class. */
    class_counts: z.object({ train: z.array(z.number().int()), test: z.array(z.number().int()) }).optional(),
    source: z.string(),
    licence: z.string(),
    citation: z.string(),
  })
  .check((context) => {
    const { channels, mean, std, splits, shards, height, width, class_names, encoding } = context.value
    const rule = (holds: boolean, path: string, message: string) => {
      if (!holds) context.issues.push({ code: 'custom', message, path: [path], input: context.value })
    }
    rule(mean.length === channels, 'mean', `one value for each of ${channels} channels`)
    rule(std.length === channels, 'std', `one value for each of ${channels} channels`)
    for (const split of ['train', 'test'] as const) {
      const sum = shards.filter((s) => s.split === split).reduce((total, s) => total + s.count, 0)
      rule(sum === splits[split], 'splits', `${split} shards hold ${sum} images, not ${splits[split]}`)
    }
    // A JPEG file's length is in the index of images.
    if (encoding === 'jpeg') return
    const imageSize = height * width * channels
    for (const { file, count, unpacked } of shards) {
      rule(
        unpacked.bytes === count * (imageSize + labelBytes(class_names.length)),
        'shards',
        `${file} has the wrong size for ${count} images`,
      )
    }
  })

export type Manifest = z.infer<typeof manifestSchema>
export type ShardEntry = Manifest['shards'][number]

/**
 * @param path what to call it in an error
 * @throws BasinError `data-damaged` when it is not a manifest of this format
 */
export function parseManifest(bytes: Uint8Array, path: string): Manifest {
  const remedy = 'Restore the file from a fresh copy of Basin, or make the data set again (docs/data.md).'
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    const start = new TextDecoder().decode(bytes.subarray(0, 40))
    throw new BasinError('data-damaged', `${path}: a JSON manifest, got ${JSON.stringify(start)}`, remedy)
  }
  const parsed = manifestSchema.safeParse(json)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new BasinError('data-damaged', `${path}: ${issue.path.join('.')}: ${issue.message}`, remedy)
  }
  return parsed.data
}
