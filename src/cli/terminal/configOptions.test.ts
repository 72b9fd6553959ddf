import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { flagOf, flagText, ruleOf } from '../../core/config/flags'
import { REFERENCE_DEFAULTS } from '../../core/config/reference'
import { DEFAULT_CONFIG, FIELD_NAMES, fieldMeta, type RunConfig } from '../../core/config/schema'
import { checkRunFolder, runPath } from '../runs/runFolder'
import { addConfigOptions, configOf } from './configOptions'

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
    expect(parse().config).toEqual(REFERENCE_DEFAULTS)
    expect(REFERENCE_DEFAULTS.runs).toBe('')
  })

  it('have the reference’s defaults, and no setting of ours changes its training', () => {
    expect(REFERENCE_DEFAULTS).toMatchObject({
      // Its flags, as absl prints them.
      dataset: 'cifar10',
      model_name: 'WideResnet28x10',
      num_epochs: 200,
      batch_size: 128,
      image_level_augmentations: 'basic',
      batch_level_augmentations: 'none',
      gradient_clipping: 5,
      learning_rate: 0.1,
      use_learning_rate_schedule: true,
      weight_decay: 0.001,
      run_seed: 0,
      use_rmsprop: false,
      lr_schedule: 'cosine',
      save_progress_seconds: 3600,
      additional_checkpoints_at_epochs: [],
      also_eval_on_training_set: false,
      compute_top_5_error_rate: false,
      label_smoothing: 0,
      ema_decay: 0,
      no_weight_decay_on_bn: false,
      evaluate_every: 1,
      sam_rho: 0,
      sync_perturbations: false,
      inner_group_size: null,
      use_additional_skip_connections: false,
      cutout_length: 16,
      use_test_set: true,
      randaug_num_layers: 2,
      randaug_magnitude: 9,
      imagenet_mixup_alpha: 0,
      from_pretrained_checkpoint: false,
      efficientnet_checkpoint_path: '',
      output_dir: '',
      // Ours.
      label_noise: 0,
      num_train_examples: null,
      num_eval_examples: null,
      num_final_eval_examples: null,
      num_replicas: 1,
      scale_translations: false,
      autoaugment_policy: 'auto',
      input_size: null,
      check_resolution: true,
    })
  })

  it('with --preset are a run’s whose folder was made when the page’s defaults stood here', () => {
    const kept = JSON.parse(readFileSync(new URL('goldens/first_visit_config.json', import.meta.url), 'utf8'))
    const words = '--mlp_layers 4 --num_train_examples 320 --num_epochs 3 --num_eval_examples 50'.split(' ')
    const folder = mkdtempSync(join(tmpdir(), 'basin-'))
    try {
      const { config } = parse('--preset', 'first_visit', ...words)
      writeFileSync(join(folder, 'config.json'), JSON.stringify(kept))
      checkRunFolder(folder, config!)
      expect(runPath(config!)).toBe(join('lr_0.02', 'wd_0.0', 'rho_0.2', 'seed_0'))
      // A field that it has not got was the page's default.
      const { label_noise: _, image_level_augmentations: __, ...older } = kept
      writeFileSync(join(folder, 'config.json'), JSON.stringify(older))
      checkRunFolder(folder, config!)
      expect(() => checkRunFolder(folder, parse(...words).config!)).toThrow(
        /holds a run with dataset "fashion_mnist"/,
      )
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('with --preset start from the page', () => {
    expect(parse('--preset', 'first_visit').config).toEqual({ ...DEFAULT_CONFIG, runs: '' })
  })

  it.each<[string[], Partial<RunConfig>]>([
    [['--sam_rho', '.05', '--batch_size=32'], { sam_rho: 0.05, batch_size: 32 }],
    [['--use_rmsprop'], { use_rmsprop: true }],
    [['--use_rmsprop=false'], { use_rmsprop: false }],
    [['--runs', 'sam_rho:0;'], { runs: 'sam_rho:0;' }],
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
      ['--sam_rho', '0.05', '--preset', 'convnet'],
      {
        ...DEFAULT_CONFIG,
        runs: '',
        model_name: 'cnn_small',
        num_train_examples: 4000,
        num_epochs: 25,
        sam_rho: 0.05,
      },
    ],
  ])('%j', (words, values) => {
    expect(parse(...words).config).toEqual({ ...REFERENCE_DEFAULTS, ...values })
  })

  it('suggest the flag that was meant', () => {
    expect(parse('--sam_roh', '0.1').complaint).toMatch(
      /unknown option '--sam_roh'\s+\(Did you mean --sam_rho\?\)/,
    )
  })

  it.each([
    [['--sam_rho', '101'], 'sam_rho: number, 0 to 100, got "101"'],
    [['--model_name', 'WideResnet28x11'], 'model_name: one of mlp, cnn_small, WideResnet_mini'],
    [['--use_rmsprop', '--nouse_rmsprop'], 'use_rmsprop: on or off, got both'],
    [['--sam_rho'], 'argument missing'],
    [['out'], 'too many arguments'],
  ])('%j is refused with its rule', (words, message) => {
    expect(parse(...words).complaint).toContain(message)
  })

  it('stand in docs/cli.md with their ranges and defaults', () => {
    const page = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8')
    for (const name of FIELD_NAMES) {
      const shown = flagText(REFERENCE_DEFAULTS[name]) || 'none'
      expect(page).toContain(`| \`${name}\` | ${ruleOf(flagOf(name))} | ${shown} | ${fieldMeta(name).label}`)
    }
  })

  it('are all in the help, with range and default', () => {
    const help = addConfigOptions(new Command('train')).helpInformation().replace(/\s+/g, ' ')
    for (const name of FIELD_NAMES) expect(help).toContain(`--${name} `)
    expect(help).toContain('(number, 0 to 10; default 0.1)')
    expect(help).toContain('(whole number, 1 to 2000000, or none; default none)')
    expect(help).toContain('Without it: in the folder you stand in.')
  })
})
