/** Goldens of whole networks: a pass forward, training mode with recorded draws, names and shapes. */
import type { Stored } from '../files'
import { type Fields, type GoldenCase, isFields, type Tensors, Unsupported } from '../golden'
import type { NetworkFields } from '../replay/networks'
import { needTensor } from '../replay/vectors'
import {
  blocksIn,
  isWideResnet,
  networkCalled,
  shapesUnder,
  wideResnet,
  wideResnetNamed,
  wideResnetOf,
} from './networks'
import { caseOf, fieldsOf, maybe, NUMBER } from './words'

export const isForward = ({ json, tensors }: Stored): boolean =>
  isFields(json) && 'model' in json && tensors.has('input') && tensors.has('logits_eval')

export function forward({ name, json, tensors }: Stored): GoldenCase[] {
  const fields = json as Fields
  const loss = maybe(fields.train_ce_loss_labels_i_mod_C)
  const gradient_norm = maybe(fields.train_ce_grad_norm)
  const gradients = fields.train_ce_grad_summary
  const trains = tensors.has('logits_train') || gradient_norm !== undefined || gradients !== undefined
  const one = {
    name,
    network: networkOf(fields, tensors),
    gain: maybe(fields.gain),
    activations: fieldsOf(fields.activations_eval),
    training: trains ? { loss, gradient_norm, gradients: fieldsOf(gradients) } : undefined,
    noise_floor: fields.noise_floor_1ulp_weight_jitter,
  }
  return [one]
}

function networkOf(fields: Fields, tensors: Tensors): NetworkFields {
  const model = String(fields.model)
  const flags = fieldsOf(fields.model_kwargs)
  const image = needTensor(tensors, 'input').shape.slice(1)
  const classes = Number(fields.num_classes ?? needTensor(tensors, 'logits_eval').shape[1])
  if (!isWideResnet(model) || wideResnetNamed(model)) return networkCalled(model, image, classes, flags)
  // A WideResnet of a name that says nothing: its parameters or activations do.
  const shapes = shapesUnder(tensors, 'params/')
  if (shapes.size > 0) return wideResnetOf(shapes, image, flags)
  const activation = fieldsOf(fieldsOf(fields.activations_eval)['/WideResnetGroup_0']).shape as number[]
  const blocks = blocksIn(Object.keys(fieldsOf(fields.train_ce_grad_summary)))
  if (blocks === 0 || !activation) {
    throw new Unsupported(`model ${model}: its depth and width stand nowhere in the golden`)
  }
  return wideResnet(model, image, classes, { blocks, width: activation[3] / 16 }, flags)
}

const MODES = ['true_gradient_False', 'true_gradient_True'] as const

export const isDraws = ({ json, tensors }: Stored): boolean =>
  isFields(json) &&
  'model' in json &&
  tensors.has('input') &&
  MODES.some((mode) => 'draws' in fieldsOf(json[mode]))

export function draws({ name, json, tensors }: Stored): GoldenCase[] {
  const fields = json as Fields
  const gain = fields.gain ?? new RegExp(`gain[ =]*${NUMBER}`).exec(String(fields.params))?.[1] ?? 1
  const image = needTensor(tensors, 'input').shape.slice(1)
  return MODES.filter((mode) => isFields(fields[mode])).map((mode) => {
    const { loss, draws, grad } = fieldsOf(fields[mode])
    const classes = Number(fields.num_classes ?? needTensor(tensors, `${mode}/logits`).shape[1])
    return {
      name: `${name}/${mode}`,
      tensors: `${mode}/`,
      network: networkCalled(fields.model, image, classes, fieldsOf(fields.model_kwargs)),
      gain: Number(gain),
      true_gradient: mode === 'true_gradient_True',
      draws: (draws as [string, number, number | null][]).map(([kind, first, second], i) => ({
        tensor: `draw${String(i).padStart(2, '0')}_${kind}`,
        distribution:
          kind === 'bernoulli' ? { kind, probability: first } : { kind, low: first, high: second },
      })),
      loss,
      gradients: grad,
    }
  })
}

const ARCHITECTURE = /^([^|]+)\|classes=(\d+)\|input=(\d+)x(\d+)x(\d+)((?:\|\w+)*)$/

export function isArchitectures({ json }: Stored): boolean {
  const entries = Object.entries(fieldsOf(json))
  return (
    entries.length > 0 &&
    entries.every(([key, one]) => ARCHITECTURE.test(key) && isFields(one) && 'param_count' in one)
  )
}

export function architectures({ name, json }: Stored): GoldenCase[] {
  return Object.entries(json as Record<string, Fields>).map(([key, golden]) =>
    caseOf(`${name}/${key}`, () => {
      const [, model, classes, height, width, channels, options] = ARCHITECTURE.exec(key)!
      const image = [height, width, channels].map(Number)
      const flags = options.split('|').filter(Boolean)
      const network = networkCalled(
        model,
        image,
        Number(classes),
        Object.fromEntries(flags.map((flag) => [flag, true])),
      )
      const { params_flatten_order: params, state_flatten_order: state } = golden
      const { param_count, batch_stat_count, num_param_tensors, num_state_tensors } = golden
      return { network, param_count, batch_stat_count, num_param_tensors, num_state_tensors, params, state }
    }),
  )
}
