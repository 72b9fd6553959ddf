import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { fieldApplies } from '../../config/applies'
import { DEFAULT_CONFIG, FIELD_NAMES, fieldMeta, type RunConfig } from '../../config/schema'
import { checkConfig } from '../../config/validate'
import { costAt, costOf, METHOD_FLAGS, METHODS, methodOf, turnAt } from '.'

const run = (changes: Partial<RunConfig>): RunConfig => ({ ...DEFAULT_CONFIG, runs: '', ...changes })

describe('the list of methods', () => {
  it('loads no tensors', async () => {
    const { metafile } = await build({
      entryPoints: ['src/core/optim/methods/index.ts'],
      bundle: true,
      write: false,
      metafile: true,
      format: 'esm',
    })
    const loaded = Object.keys(metafile.inputs)
    expect(loaded).toContain('src/core/optim/methods/sam.ts')
    expect(loaded.filter((path) => path.includes('tfjs') || path.includes('engine/tf'))).toEqual([])
  })

  it('has one for every variant, each with a name, two sentences and its paper', () => {
    const { choices } = fieldMeta('sam_variant')
    for (const { id, variant, title, help, paper } of METHODS) {
      expect(help.match(/\.( |$)/g), id).toHaveLength(2)
      if (paper) expect(paper.url, id).toMatch(/^https:\/\/\S+$/)
      if (variant) expect(choices?.[variant]).toEqual({ title, help, paper })
      if (variant) expect(methodOf(run({ sam_variant: variant })).id).toBe(id)
    }
    expect(new Set(METHODS.map(({ id }) => id)).size).toBe(METHODS.length)
    expect(new Set(METHODS.map(({ title }) => title)).size).toBe(METHODS.length)
    expect(methodOf(run({ sam_steps: 2 })).id).toBe('sam_steps')
    expect(methodOf(run({ sam_variant: 'asam', sam_step_size: 0.5 })).id).toBe('asam_steps')
    for (const { id } of METHODS) expect(methodOf(run({ sam_rho: 0, sam_variant: id })).id).toBe('sgd')
  })

  it('reads settings that there are, under slots of names that are nobody else’s', () => {
    for (const { reads } of METHODS)
      expect(reads.filter((flag) => !(FIELD_NAMES as string[]).includes(flag))).toEqual([])
    const slots = METHODS.flatMap((method) => method.slots)
    for (const key of ['name', 'file', 'flax'] as const)
      expect(new Set(slots.map((slot) => slot[key])).size).toBe(slots.length)
  })
})

describe('a method’s settings', () => {
  const shown = (changes: Partial<RunConfig>) =>
    METHOD_FLAGS.filter((flag) => fieldApplies(flag, run(changes)))

  it('are shown where they apply', () => {
    const always = ['sam_variant', 'sam_from', 'sam_until']
    const own = (changes: Partial<RunConfig>) => shown(changes).filter((flag) => !always.includes(flag))
    expect(shown({ sam_rho: 0 })).toEqual([])
    expect(own({})).toEqual(['sam_steps', 'sam_step_size'])
    expect(own({ sam_variant: 'asam', sam_steps: 3 })).toEqual(['sam_steps', 'sam_step_size', 'asam_eta'])
    expect(own({ sam_variant: 'gsam' })).toEqual(['gsam_alpha', 'gsam_rho_min'])
    expect(own({ sam_variant: 'friendly' })).toEqual(['fsam_sigma', 'fsam_lambda'])
    expect(own({ sam_variant: 'look' })).toEqual(['look_every', 'look_alpha'])
    expect(own({ sam_variant: 'norm_only' })).toEqual([])
    expect(own({ sam_variant: 'random', sam_steps: 2 })).toEqual(['sam_steps'])
  })

  it.each<[Partial<RunConfig>, string | undefined]>([
    [{ sam_variant: 'norm_only' }, 'sam_variant: norm_only with a network that normalises, got mlp.'],
    [{ sam_variant: 'norm_only', model_name: 'cnn_small' }, undefined],
    [{ sam_variant: 'gsam', gsam_rho_min: 0.3 }, 'gsam_rho_min: at most sam_rho (0.2), got 0.3.'],
    [{ sam_variant: 'gsam', gsam_rho_min: 0.2 }, undefined],
    [{ sam_variant: 'sam', gsam_rho_min: 0.3 }, undefined],
    [{ sam_variant: 'look', sam_steps: 2 }, 'sam_steps: only 1 with LookSAM, got 2.'],
    [{ sam_from: 0.5, sam_until: 0.5 }, 'sam_until: above sam_from (0.5), got 0.5.'],
    [{ sam_rho: 0, sam_variant: 'norm_only', sam_steps: 4, sam_from: 1 }, undefined],
  ])('%j together', (changes, problem) => {
    const problems = checkConfig(run(changes))
    if (problem === undefined) expect(problems).toEqual([])
    else expect(problems).toEqual([expect.stringContaining(problem)])
  })
})

describe('the cost of a run', () => {
  const costs = (changes: Partial<RunConfig>, steps: number) =>
    Array.from({ length: steps }, (_, step) => costAt(run(changes), step, steps))

  it('is each step’s own', () => {
    expect(costs({ sam_rho: 0 }, 3)).toEqual([1, 1, 1])
    expect(costs({}, 3)).toEqual([2, 2, 2])
    expect(costs({ sam_steps: 4 }, 2)).toEqual([5, 5])
    expect(costs({ sam_variant: 'random' }, 2)).toEqual([1, 1])
    expect(costs({ sam_variant: 'look', look_every: 3 }, 7)).toEqual([2, 1, 1, 2, 1, 1, 2])
    expect(costs({ sam_from: 0.3, sam_until: 0.7 }, 8)).toEqual([1, 1, 1, 2, 2, 2, 1, 1])
    expect(costs({ sam_from: 0.25, sam_until: 0.75 }, 8)).toEqual([1, 1, 2, 2, 2, 2, 1, 1])
    // It looks at once where it is turned on, and then at its own steps.
    expect(costs({ sam_variant: 'look', look_every: 3, sam_from: 0.5 }, 8)).toEqual([1, 1, 1, 1, 2, 1, 2, 1])
    expect(costOf(run({ sam_variant: 'look' }), 7, 10)).toBe(9)
  })

  it('needs the run’s steps where a method is on for a part of them', () => {
    expect(costAt(run({}), 3)).toBe(2)
    expect(() => costAt(run({ sam_from: 0.5 }), 3)).toThrow(/of how many steps/)
  })

  it('begins where the method does', () => {
    const firsts = (changes: Partial<RunConfig>) =>
      [0, 1, 2, 3, 4, 5, 6, 7].filter((step) => turnAt(run(changes), step, 8).place.isFirst)
    expect(firsts({})).toEqual([0])
    expect(firsts({ sam_from: 0.3 })).toEqual([3])
    expect(turnAt(run({ sam_from: 0.3 }), 2, 8).method.id).toBe('sgd')
  })
})
