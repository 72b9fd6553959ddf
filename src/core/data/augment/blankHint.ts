/** A word of warning where a policy's translations, made for large images, leave nothing of small ones. */
import { isGeometric } from './ops'
import { POLICIES } from './policies'
import type { PolicyChoice, Recipe } from './recipe'

/** Share of the images a translation wipes from which on it is worth a sentence. */
const WORTH = 0.02

/** The sentence, or undefined where images survive. */
export function blankHint({ policy, imagenet, stored, input }: Recipe): string | undefined {
  if (!policy) return undefined
  const { height, width } = imagenet ? input : stored
  const share = wipedShare(policy, height, width)
  if (share < WORTH) return undefined
  const percent = `${Math.round(100 * share)} %`
  return `The policy moves images by up to ${policy.limits.translate} pixels whatever their size, as the reference does: about ${percent} of these ${width} × ${height} images become plain grey. “Translations to scale” (scale_translations) moves them by a third of their side at most.`
}

/** Of all images, how many lose every pixel to a translation. */
export function wipedShare(policy: PolicyChoice, height: number, width: number): number {
  const wipes = (name: string, level: number) => {
    if (!name.startsWith('Translate')) return false
    return (level / 10) * policy.limits.translate >= (name === 'TranslateX' ? width : height)
  }
  if (policy.kind === 'randaugment') {
    // Two of the sixteen operations translate.
    const each = (['TranslateX', 'TranslateY'] as const).filter((name) =>
      wipes(name, policy.magnitude),
    ).length
    return 1 - (1 - each / 16) ** policy.numLayers
  }
  const table = POLICIES[policy.policy]
  const survives = table.map((sub) =>
    sub.reduce(
      (rest, [name, probability, level]) =>
        isGeometric(name) && wipes(name, level) ? rest * (1 - probability) : rest,
      1,
    ),
  )
  return 1 - survives.reduce((sum, value) => sum + value, 0) / table.length
}
