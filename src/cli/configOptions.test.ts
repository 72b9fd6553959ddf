import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { flagOf, flagText, ruleOf } from '../core/config/flags'
import { FIELD_NAMES, fieldMeta, type RunConfig } from '../core/config/schema'
import { addConfigOptions, CLI_DEFAULTS, configOf } from './configOptions'

/** What the command line gives for these words; commander's complaint where it has one. */
function parse(...words: string[]): { config?: RunConfig; complaint?: string } {
  let complaint = ''
  let config: RunConfig | undefined
  const command = addConfigOptions(new Command('train'))
    .exitOverride()
    .configureOutput({
      writeErr: (text) => {
        complaint += text
      },
    })
    .action((options) => {
      config = configOf(options)
    })
  try {
    command.parse(words, { from: 'user' })
  } catch (error) {
    complaint ||= (error as Error).message
  }
  return { config, complaint }
}

describe('the flags', () => {
  it('give the defaults, and one run, when there are none', () => {
    expect(parse().config).toEqual(CLI_DEFAULTS)
    expect(CLI_DEFAULTS.compare).toBe(false)
  })

  it.each<[string[], Partial<RunConfig>]>([
    [['--sam_rho', '.05', '--batch_size=32'], { sam_rho: 0.05, batch_size: 32 }],
    [['--compare'], { compare: true }],
    [['--compare=false'], { compare: false }],
    [
      ['--use_rmsprop=True', '--nouse_learning_rate_schedule'],
      { use_rmsprop: true, use_learning_rate_schedule: false },
    ],
    [['--no_weight_decay_on_bn'], { no_weight_decay_on_bn: true }],
    [['--num_train_examples='], { num_train_examples: null }],
    [
      ['--additional_checkpoints_at_epochs', '1', '--additional_checkpoints_at_epochs=5,7'],
      { additional_checkpoints_at_epochs: [1, 5, 7] },
    ],
    [
      ['--preset', 'convnet', '--sam_rho', '0.05'],
      { model_name: 'cnn_small', num_train_examples: 4000, num_epochs: 25, sam_rho: 0.05 },
    ],
  ])('%j', (words, values) => {
    expect(parse(...words).config).toEqual({ ...CLI_DEFAULTS, ...values })
  })

  it('suggest the flag that was meant', () => {
    expect(parse('--sam_roh', '0.1').complaint).toMatch(
      /unknown option '--sam_roh'\s+\(Did you mean --sam_rho\?\)/,
    )
  })

  it.each([
    [['--sam_rho', '11'], 'sam_rho: number, 0 to 10, got "11"'],
    [['--model_name', 'WideResnet28x11'], 'model_name: one of mlp, cnn_small, WideResnet_mini'],
    [['--compare', '--nocompare'], 'compare: on or off, got both'],
    [['--sam_rho'], 'argument missing'],
    [['out'], 'too many arguments'],
  ])('%j is refused with its rule', (words, message) => {
    expect(parse(...words).complaint).toContain(message)
  })

  it('stand in docs/cli.md with their ranges and defaults', () => {
    const page = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8')
    for (const name of FIELD_NAMES) {
      const shown = flagText(CLI_DEFAULTS[name]) || 'none'
      expect(page).toContain(`| \`${name}\` | ${ruleOf(flagOf(name))} | ${shown} | ${fieldMeta(name).label}`)
    }
  })

  it('are all in the help, with range and default', () => {
    const help = addConfigOptions(new Command('train')).helpInformation().replace(/\s+/g, ' ')
    for (const name of FIELD_NAMES) expect(help).toContain(`--${name} `)
    expect(help).toContain('(number, 0 to 10; default 0.2)')
    expect(help).toContain('(whole number, 1 to 2000000, or none; default 5000)')
  })
})
