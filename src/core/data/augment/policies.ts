/**
 * AutoAugment's learned policies: lists of sub-policies, each two operations with a probability and a level.
 * The tables of the reference; `cifar` serves both CIFAR sets.
 * Source: Cubuk et al. 2019 (AutoAugment), appendix.
 */
import type { OpName } from './ops'
import cifar from './policies/cifar.json'
import imagenet from './policies/imagenet.json'
import svhn from './policies/svhn.json'

const POLICY_NAMES = ['cifar', 'svhn', 'imagenet'] as const

export type PolicyName = (typeof POLICY_NAMES)[number]

/** [operation, probability, level] */
export type PolicyOp = readonly [name: OpName, probability: number, level: number]

export type SubPolicy = readonly PolicyOp[]

export const POLICIES = { cifar, svhn, imagenet } as unknown as Readonly<
  Record<PolicyName, readonly SubPolicy[]>
>
