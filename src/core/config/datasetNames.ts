/** Names of data sets. */

/** The data sets that Basin knows by name; a person's own images have the name they were imported under. */
export const DATASETS = [
  'fashion_mnist',
  'mnist',
  'cifar10',
  'cifar100',
  'svhn',
  'imagenet',
  'Flowers',
  'Oxford_IIIT_Pets',
  'FGVC_Aircraft',
  'Food_101',
  'Stanford_Cars',
  'Birdsnap',
] as const
/** Sets of photographs, which get ImageNet's crops: ImageNet, and those the reference names for fine-tuning. */
export const PHOTOGRAPHS: readonly string[] = [
  'imagenet',
  'Flowers',
  'Oxford_IIIT_Pets',
  'FGVC_Aircraft',
  'Food_101',
  'Stanford_Cars',
  'Birdsnap',
]
/** A data set's name is part of storage keys and file names. */
export const DATASET_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/
