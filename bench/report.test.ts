import { expect, it } from 'vitest'
import { BEGIN, END, merge, replaceBlock, slug } from './readme'
import { toMarkdown, withUnit } from './readmeTable'
import { formatFigure, type Report, toJson, toTable } from './report'

const report: Report = {
  machine: '2 × CPU, 4 GiB, Linux, Node 20',
  adapter: 'llvmpipe (LLVM 15)',
  rows: [
    {
      name: 'sgd_step',
      model: 'mlp',
      batch: 64,
      shape: '28x28x1',
      unit: 'ms',
      basin: { min: 1, median: 2 },
      peers: {
        tfjs: { min: 5, median: 8, ratio: 4 },
        torch: { error: 'BENCH_TORCH_PYTHON names no Python' },
      },
    },
    {
      name: 'gpu_bytes',
      model: 'mlp',
      batch: 64,
      shape: '28x28x1',
      unit: 'bytes',
      basin: { error: 'over 9 s' },
      peers: {},
    },
  ],
}

it('JSON is one object that reads back as the report', () => {
  expect(JSON.parse(toJson(report))).toEqual(report)
})

it('the table has a column for every peer that some row names, and reasons in their place', () => {
  const lines = toTable(report).split('\n')
  expect(lines[0]).toContain('llvmpipe')
  const [head, step, bytes] = lines.slice(-3)
  expect(head).toMatch(/figure +model +batch +shape +unit +Basin +tfjs +torch$/)
  expect(step).toMatch(/1 \/ 2 +5 \/ 8 \(4×\) +BENCH_TORCH_PYTHON names no Python$/)
  expect(bytes).toMatch(/over 9 s$/)
  // Columns begin at the same place.
  expect(step.indexOf('1 / 2')).toBe(head.indexOf('Basin'))
})

it('rounds to three digits and leaves whole numbers alone', () => {
  expect([0.12345, 12.345, 1234.5, 181, Number.NaN].map(formatFigure)).toEqual([
    '0.123',
    '12.3',
    '1235',
    '181',
    '–',
  ])
})

it('README: the block between the markers is replaced, all else stays', () => {
  const readme = `before\n${BEGIN}\nold\nolder\n${END}\nafter\n`
  expect(replaceBlock(readme, 'new')).toBe(`before\n${BEGIN}\nnew\n${END}\nafter\n`)
  expect(replaceBlock(replaceBlock(readme, 'new'), 'new')).toBe(replaceBlock(readme, 'new'))
  expect(() => replaceBlock('nothing', 'new')).toThrow(/needs the lines/)
})

it('README: machine and adapter named, a line for each case, peers that never ran left out', () => {
  const text = toMarkdown(report)
  expect(text).toContain('**llvmpipe (LLVM 15)**; 2 × CPU')
  expect(text).toContain('| network | SGD step | against stock tfjs-webgpu |\n')
  expect(text).toContain('| mlp, 28 × 28 × 1, batch 64 | 2 ms | 4 × faster |')
  expect(text).not.toContain('gpu_bytes')
})

it('README: rows of an earlier run of the same adapter stay until they are measured again', () => {
  const [step] = report.rows
  const surfaces = { ...step, name: 'surface_pair_21x21', unit: 'epochs', peers: {} }
  const slower = { ...step, basin: { min: 3, median: 4 } }
  const merged = merge(report, { ...report, rows: [slower, surfaces] })
  expect(merged.rows).toEqual([slower, report.rows[1], surfaces])
  const failed = { ...step, basin: { error: 'over 9 s' } }
  expect(merge(report, { ...report, rows: [failed] }).rows).toEqual(report.rows)
  const elsewhere = { ...report, machine: 'another', rows: [surfaces] }
  expect(merge(report, elsewhere)).toEqual(elsewhere)
})

it('names a report after adapter and place', () => {
  expect(slug(report)).toBe('llvmpipe-llvm-15-node')
  expect(slug({ adapter: 'SwiftShader Device', machine: 'x, Chromium 156' })).toBe(
    'swiftshader-device-chromium',
  )
  expect(withUnit(41_195, 'ms')).toBe('41.2 s')
  expect(withUnit(3 * 2 ** 20, 'bytes')).toBe('3 MiB')
})
