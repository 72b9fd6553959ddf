/** Downloads official archives where there is a network; checks each against its known size and sum. */
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { BasinError } from '../../base/errors'
import { bytesText } from '../../base/units'
import { knownDataset } from '../../core/data/catalog/catalog'

/**
 * @param folder where the files go
 * @returns their paths
 * @throws BasinError `unsupported` for a set that may not or cannot be fetched, `data-missing` without a network: each
 * says where to get it
 */
export async function fetchArchives(
  name: string,
  folder: string,
  note: (line: string) => void,
  signal?: AbortSignal,
): Promise<string[]> {
  const known = knownDataset(name)
  const byHand = known
    ? `Get ${known.files} from ${known.home} by hand, then: npm run data -- import <files>`
    : 'npm run data -- list shows what there is.'
  const archives = known?.archives.filter(({ url }) => url) ?? []
  if (!known || archives.length === 0 || archives.length < known.archives.length) {
    throw new BasinError('unsupported', `${name}: has no address that Basin may fetch it from`, byHand)
  }
  const paths: string[] = []
  for (const { file, url, bytes } of archives) {
    const path = join(folder, file)
    note(`${url}${bytes ? `, ${bytesText(bytes)}` : ''}`)
    try {
      const response = await fetch(url as string, { signal })
      if (!response.ok || !response.body)
        throw new Error(`answered ${response.status} ${response.statusText}`)
      await pipeline(
        Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]),
        createWriteStream(path),
        {
          signal,
        },
      )
    } catch (error) {
      if (signal?.aborted) throw new BasinError('cancelled', `${file}: the download was cancelled`)
      const cause = (error as { cause?: Error }).cause?.message ?? (error as Error).message
      throw new BasinError('data-missing', `${file}: could not be fetched (${cause})`, byHand)
    }
    paths.push(path)
  }
  return paths
}
