/** Goldens of curvature: Hessians at stored weights, and edges of stability. */
import type { Stored } from '../files'
import { type Fields, type GoldenCase, isFields } from '../golden'
import type { NetworkFields } from '../replay/networks'
import { caseOf, fieldsOf } from './words'

const SHAPE_FLAGS = ['mlp_layers', 'cnn_channels', 'cnn_dense', 'activation']

export function isCurvature({ json, tensors }: Stored): boolean {
  if (!isFields(json) || !isFields(json.cases) || !tensors.has('images')) return false
  const cases = Object.values(json.cases)
  return cases.length > 0 && cases.every((one) => isFields(one) && 'lambda_min' in fieldsOf(one.expected))
}

export function curvature({ name, json, tensors }: Stored): GoldenCase[] {
  const { cases, ...whole } = json as Fields & { cases: Record<string, Fields> }
  return Object.entries(cases).map(([key, fields]) =>
    caseOf(`${name}/${key}`, () => {
      const said = { ...whole, ...fields }
      const flags = fieldsOf(fields.flags)
      const shape = SHAPE_FLAGS.filter((flag) => said[flag] !== undefined).map((flag) => [flag, said[flag]])
      const network = {
        model_name: said.model_name,
        image: said.input_shape,
        num_classes: said.num_classes,
        ...Object.fromEntries(shape),
      } as NetworkFields
      const product = `hv/${key}/`
      return {
        network,
        loss: said.loss ?? 'cross_entropy',
        label_smoothing: flags.label_smoothing ?? 0,
        weight_decay: flags.weight_decay ?? 0,
        no_weight_decay_on_bn: flags.no_weight_decay_on_bn ?? false,
        ...([...tensors.keys()].some((tensor) => tensor.startsWith(product)) && { product }),
        expected: fields.expected,
      }
    }),
  )
}

export function isEdges({ json }: Stored): boolean {
  const cases = isFields(json) ? json.cases : undefined
  return Array.isArray(cases) && cases.length > 0 && cases.every((one) => isFields(one) && 'edge' in one)
}

export function edges({ name, json }: Stored): GoldenCase[] {
  const { cases, relative_tolerance } = json as { cases: Fields[]; relative_tolerance?: number }
  return cases.map((one, i) =>
    caseOf(`${name}[${i}] ${one.optimizer}${Number(one.sam_rho) > 0 ? ' with SAM' : ''}`, () => ({
      ...one,
      ...(relative_tolerance !== undefined && { relative_tolerance }),
    })),
  )
}
