/** Files beside a golden of the reference: inputs that several share, and other goldens that say what it does not. */
import { basename, dirname, join, relative } from 'node:path'
import { basesIn, readStored, readTensors, type Stored } from '../files'
import { isFields, type Tensors } from '../golden'

/** Shared inputs of several goldens: initial weights and batches, and nothing that could be compared. */
export function isCompanion({ json, tensors }: Stored): boolean {
  const has = (prefix: string) => [...tensors.keys()].some((key) => key.startsWith(prefix))
  const results = isFields(json) && ('per_step' in json || 'cases' in json || 'results' in json)
  return has('init/') && tensors.has('images') && !has('params/') && !results
}

/** The other goldens in the same folder; those that cannot be read are left out. */
export async function siblings({ folder, name }: Stored): Promise<Stored[]> {
  const bases = (await basesIn(folder)).filter((base) => base !== join(folder, name))
  const all = await Promise.all(bases.map((base) => readStored(base).catch(() => [])))
  return all.flat()
}

/**
 * Its companions: the .safetensors files its fields speak of, else any companion in its folder.
 * @returns their paths from its folder, and all tensors there are
 */
export async function withCompanions(stored: Stored): Promise<{ shared: string[]; tensors: Tensors }> {
  const { folder, json } = stored
  const spoken = [...JSON.stringify(json).matchAll(/[\w./-]+\.safetensors/g)].map(([name]) => name)
  const places = spoken.flatMap((name) => [
    join(folder, basename(name)),
    join(folder, name),
    join(dirname(folder), name),
  ])
  const found = new Map<string, Tensors>()
  for (const path of new Set(places)) {
    const tensors = await readTensors(path)
    if (tensors.size > 0) found.set(relative(folder, path), tensors)
  }
  if (found.size === 0) {
    for (const each of await siblings(stored)) {
      if (isCompanion(each)) found.set(`${each.name}.safetensors`, each.tensors)
    }
  }
  const companions = [...found.values()].flatMap((each) => [...each])
  return { shared: [...found.keys()], tensors: new Map([...companions, ...stored.tensors]) }
}
