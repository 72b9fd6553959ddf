// Makes src/ui/step/example.json, the step that the page shows before anything is trained: node scripts/make-example-step.mjs
// Trains the first visit's network with SGD and measures one step of it, by the commands that everybody has.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const EPOCH = process.argv[2] ?? '6'
const RHO = process.argv[3] ?? '0.2'
const POINTS = '33'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const folder = mkdtempSync(join(tmpdir(), 'basin-example-'))

function basin(...words) {
  const { status } = spawnSync(process.execPath, [join(root, 'scripts/cli.mjs'), ...words], {
    stdio: 'inherit',
  })
  if (status !== 0) throw new Error(`${words[0]}: ended with ${status}`)
}

/** The lines of a table as records of numbers. */
function tableOf(name) {
  const [head, ...lines] = readFileSync(join(folder, 'out', name), 'utf8')
    .trim()
    .split('\n')
  const names = head.split(',')
  return lines.map((line) => Object.fromEntries(line.split(',').map((value, i) => [names[i], Number(value)])))
}

try {
  const kept = ['--additional_checkpoints_at_epochs', EPOCH]
  basin(
    'train',
    '--preset',
    'first_visit',
    '--sam_rho',
    '0',
    '--runs',
    '',
    ...kept,
    '--output_dir',
    join(folder, 'run'),
  )
  const found = readdirSync(join(folder, 'run'), { recursive: true }).find((path) =>
    path.endsWith(`additional_ckpt_${EPOCH}/checkpoint_${EPOCH}.safetensors`),
  )
  const plane = ['--plane_points', POINTS, '--plane_rho', RHO]
  basin('measure', 'step', join(folder, 'run', found), '--output', join(folder, 'out'), ...plane)
  const points = tableOf('step.csv')
  const { run: _, ...numbers } = tableOf('step_numbers.csv')[0]
  const example = {
    points: Number(POINTS),
    reach: Math.max(...points.map(({ x }) => x)),
    ...numbers,
    loss: points.map(({ loss }) => Number(loss.toPrecision(5))),
  }
  writeFileSync(join(root, 'src/ui/step/example.json'), `${JSON.stringify(example)}\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
