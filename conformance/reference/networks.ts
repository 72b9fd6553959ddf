/** Networks as the reference's goldens describe them: by a name, or by their tensors' shapes. */
import { MODELS } from '../../src/core/config/models'
import { EFFICIENTNETS } from '../../src/core/models/efficientNet'
import { type Fields, type Tensors, Unsupported, within } from '../golden'
import type { NetworkFields } from '../replay/networks'
import { fieldsOf, NUMBER } from './words'

export type Shapes = ReadonlyMap<string, readonly number[]>

export const shapesUnder = (tensors: Tensors, prefix: string): Shapes =>
  new Map([...within(tensors, prefix)].map(([name, { shape }]) => [name, shape]))

const WIDE_OPTION = 'use_additional_skip_connections'

export const isWideResnet = (model: unknown): boolean => /^WideResnet(?!.*ShakeShake)/.test(String(model))

const skipsOf = (flags: unknown) => fieldsOf(flags)[WIDE_OPTION] === true

/** A WideResnet with the depth and width that its parameters have. */
export function wideResnetOf(shapes: Shapes, image: readonly number[], flags: unknown): NetworkFields {
  const first = shapes.get('WideResnetGroup_0/WideResnetBlock_0/conv1/kernel')
  const head = [...shapes].find(([name]) => /^Dense_\d+\/kernel$/.test(name))?.[1]
  if (!first || !head) throw new Unsupported('its parameters are not those of a WideResnet')
  const size = { blocks: blocksIn([...shapes.keys()]), width: first[3] / 16 }
  return wideResnet('WideResnet', image, head[1], size, flags)
}

export const blocksIn = (names: string[]): number =>
  names.filter((name) => /^WideResnetGroup_0\/WideResnetBlock_\d+\/conv1\/kernel$/.test(name)).length

export function wideResnet(
  model_name: string,
  image: readonly number[],
  num_classes: number,
  { blocks, width }: { blocks: number; width: number },
  flags: unknown,
): NetworkFields {
  return {
    model_name,
    image: image as NetworkFields['image'],
    num_classes,
    blocks_per_group: blocks,
    width_multiplier: width,
    use_additional_skip_connections: skipsOf(flags),
  }
}

/** Depth and width that a model's name stands for: `WideResnet_mini`, `WideResnet28x10`. */
export function wideResnetNamed(model: string): { blocks: number; width: number } | undefined {
  if (model === 'WideResnet_mini') return { blocks: 2, width: 1 }
  const [, depth, width] = /^WideResnet(\d+)x(\d+)$/.exec(model) ?? []
  return depth === undefined ? undefined : { blocks: (Number(depth) - 4) / 6, width: Number(width) }
}

/**
 * Any network of the reference by what a golden says of it: a name, then in parentheses what was changed
 * (`efficientnet-b0 (resolution forced to 64, dropout_rate=0, drop_connect_rate=0)`).
 * @param flags of the model
 */
export function networkCalled(
  description: unknown,
  image: readonly number[],
  num_classes: number,
  flags: Fields = {},
): NetworkFields {
  const [, name = '', changes] = /^(\S+)\s*(?:\((.*)\))?/.exec(String(description)) ?? []
  for (const [option, value] of Object.entries(flags)) {
    const known = [WIDE_OPTION, 'dropout_rate', 'drop_connect_rate'].includes(option)
    if (!known && value !== null && value !== false) throw new Unsupported(`model option ${option}`)
  }
  const wide = wideResnetNamed(name)
  if (wide) return wideResnet(name, image, num_classes, wide, flags)
  const network = { model_name: name, image: image as NetworkFields['image'], num_classes }
  if (name in EFFICIENTNETS) {
    const rate = (key: string) => {
      const text = new RegExp(`${key}\\s*=\\s*${NUMBER}`).exec(changes ?? '')?.[1] ?? flags[key]
      return text === undefined ? {} : { [key]: Number(text) }
    }
    return { ...network, ...rate('dropout_rate'), ...rate('drop_connect_rate') }
  }
  if (!(MODELS as readonly string[]).includes(name)) throw new Unsupported(`model ${description}`)
  return { ...network, ...(skipsOf(flags) && { use_additional_skip_connections: true }) }
}
