/** Augmentation and the size of images. */

import { fieldsOf } from '../../fieldMeta'
import { choice, onOff, real, whole, wholeOrNone } from '../../settingTypes'

const field = fieldsOf('data')

export const dataFields = {
  image_level_augmentations: field(choice(['none', 'basic', 'autoaugment', 'aa-only'], 'none'), {
    label: 'Augmentation',
    help: 'Per image, before normalisation. basic: random flip, reflect-pad by 4 pixels, random crop. autoaugment: two operations of a learned policy, then basic. aa-only: the policy alone. ImageNet is always cropped at random and flipped; autoaugment is RandAugment there.',
  }),
  autoaugment_policy: field(choice(['auto', 'cifar', 'svhn', 'imagenet', 'randaugment'], 'auto'), {
    label: 'Policy',
    ours: true,
    help: 'auto: the one the reference takes, svhn for SVHN, RandAugment for ImageNet, else cifar. cifar, svhn and imagenet were learned on these sets (AutoAugment, 2019); randaugment draws from all sixteen operations.',
  }),
  randaug_num_layers: field(whole(0, 16, 2), {
    label: 'RandAugment layers',
    step: 1,
    help: 'Operations per image, N of the RandAugment paper.',
  }),
  randaug_magnitude: field(whole(0, 30, 9), {
    label: 'RandAugment magnitude',
    step: 1,
    help: 'Strength of every operation, M of the RandAugment paper; a policy’s levels end at 10, the paper tries up to 30.',
  }),
  scale_translations: field(onOff(false), {
    label: 'Translations to scale',
    ours: true,
    help: 'Off: a policy’s translations reach 250 pixels (RandAugment: 100) whatever the image’s size, as in the reference, so a 32-pixel image is mostly wiped to grey. On: 10 pixels of 32 at level 10, as the policy was learned.',
  }),
  batch_level_augmentations: field(choice(['none', 'cutout', 'mixup', 'mixcut'], 'none'), {
    label: 'Batch augmentation',
    help: 'Per batch, after normalisation. cutout: one square of zeros, the same in every image. mixup: each image and its label blended with another of the batch. mixcut: mixup, then cutout.',
  }),
  cutout_length: field(whole(0, 1024, 16), {
    label: 'Cutout side',
    step: 1,
    help: 'Side of the square in pixels; it may hang over the edge. An odd side counts one less.',
  }),
  imagenet_mixup_alpha: field(real(0, 100, 0), {
    label: 'ImageNet mixup α',
    step: 0.1,
    help: 'For ImageNet and other photographs: how strongly images are mixed, the share being drawn from Beta(α, α). 0 is off.',
  }),
  input_size: field(wholeOrNone(1, 1024, null), {
    label: 'Input side',
    ours: true,
    empty: 'as it is',
    step: 1,
    help: 'Side of the square images that the network sees, resized bicubically after augmentation. Empty: as stored; for ImageNet the network’s own, 224 or an EfficientNet’s.',
  }),
} as const
