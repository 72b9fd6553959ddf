/** Names of data sets. */

/** Sets of photographs, which get ImageNet's crops: ImageNet, and those the reference names for fine-tuning. */
export const PHOTOGRAPHS = [
  'imagenet',
  'Flowers',
  'Oxford_IIIT_Pets',
  'FGVC_Aircraft',
  'Food_101',
  'Stanford_Cars',
  'Birdsnap',
] as const

/** The data sets that Basin knows by name; a person's own images have the name they were imported under. */
export const DATASETS = ['fashion_mnist', 'mnist', 'cifar10', 'cifar100', 'svhn', ...PHOTOGRAPHS] as const

/** CIFAR-100's coarse labels make a set of their own. */
const OFFICIAL: ReadonlySet<string> = new Set([...DATASETS, 'cifar100_coarse'])

/** Whether a set of other content must not have this name. */
export const isOfficialName = (name: string): boolean => OFFICIAL.has(name)

export const isPhotographs = (name: string): boolean => (PHOTOGRAPHS as readonly string[]).includes(name)

/** A data set's name is part of storage keys and file names. */
export const DATASET_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/
