/** Shapes of our own networks, and what a network starts from. */

import { fieldsOf } from '../../fieldMeta'
import { choice, onOff, real, textLike, whole } from '../../settingTypes'
import { HIDDEN_ACTIVATIONS } from '../activations'

const layerSizes = (usual: string) =>
  textLike(/^([1-9]\d{0,4})(,[1-9]\d{0,4}){0,7}$/, 'comma-separated sizes, as 256,128', usual)

const field = fieldsOf('network')

export const networkFields = {
  mlp_layers: field(layerSizes('256,128'), {
    label: 'mlp hidden layers',
    ours: true,
    help: 'Sizes of the hidden layers of mlp, comma-separated.',
  }),
  mlp_activation: field(choice(HIDDEN_ACTIVATIONS, 'relu'), {
    label: 'mlp activation',
    ours: true,
    help: 'Between the layers of mlp. With a smooth one (tanh) second derivatives tell all of the curvature; a ReLU hides in its kinks.',
  }),
  init_scale: field(real(0.001, 100, 1), {
    label: 'Initial scale',
    ours: true,
    step: 0.1,
    help: 'Multiplies the initial kernels, of convolutions and dense layers; biases and batch norm begin as ever. Small scales begin flatter.',
  }),
  cnn_channels: field(layerSizes('8,16'), {
    label: 'cnn_small channels',
    ours: true,
    help: 'Channels of each convolution of cnn_small; each is followed by batch norm, ReLU and 2 × 2 max pooling.',
  }),
  cnn_dense: field(whole(1, 65536, 64), {
    label: 'cnn_small dense units',
    ours: true,
    step: 1,
    help: 'Units of the dense layer before the classes.',
  }),
  from_pretrained_checkpoint: field(onOff(false), {
    label: 'Fine-tune',
    help: 'Starts from the weights of a file instead of random ones. Batch-norm statistics stay as they are in the file, scale and shift train; where the number of classes differs, the last dense layer is drawn anew. Images of an EfficientNet are resized to its resolution. The optimizer begins anew.',
  }),
  use_additional_skip_connections: field(onOff(false), {
    label: 'Additional skip connections',
    help: 'WideResnet only: a residual merge around every group and from the input image to the last group.',
  }),
  check_resolution: field(onOff(true), {
    label: 'Check the resolution',
    ours: true,
    help: 'EfficientNet refuses images of another size than it was scaled for, as the reference does. Off: any size trains.',
  }),
} as const
