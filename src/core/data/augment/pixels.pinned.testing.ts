/** Fingerprints of `SETTINGS`, from Node on x86-64. Seeds in old links keep their meaning: change none without need. */
export const PINNED: Record<string, number> = {
  none: 1372791568,
  basic: 3265622720,
  autoaugment: 1219476870,
  scaled: 1691460916,
  svhn: 702392773,
  randaugment: 1738821086,
  mixcut: 540579114,
  resized: 2600581511,
  imagenet: 729931922,
  imagenet_randaugment: 1326007173,
}
