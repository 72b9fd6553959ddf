import { describe, expect, it } from 'vitest'
import { looksOf, PAINTS } from './runColors'

type Rgb = [number, number, number]

/** Linear light of `#rrggbb`. */
const linear = (hex: string): Rgb =>
  [1, 3, 5].map((i) => {
    const c = Number.parseInt(hex.slice(i, i + 2), 16) / 255
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  }) as Rgb

/** WCAG 2's. */
function contrast(a: string, b: string): number {
  const luminance = (hex: string) => {
    const [r, g, b] = linear(hex)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (light + 0.05) / (dark + 0.05)
}

/** Machado, Oliveira and Fernandes (2009): what eyes without one of the three cones see of linear light. */
const EYES: Record<string, Rgb[]> = {
  all: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
}

/** OKLab (Ottosson, 2020), in which equal distances look alike. */
function lab([r, g, b]: Rgb): Rgb {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ]
}

function seen(hex: string, eyes: Rgb[]): Rgb {
  const light = linear(hex)
  const clamped = eyes.map((row) =>
    Math.min(
      1,
      Math.max(
        0,
        row.reduce((sum, w, i) => sum + w * light[i], 0),
      ),
    ),
  )
  return lab(clamped as Rgb)
}

const SCHEMES = [
  { name: 'light', card: '#ffffff', lines: PAINTS.map(({ light }) => light) },
  { name: 'dark', card: '#1c1e22', lines: PAINTS.map(({ dark }) => dark) },
]

describe.each(SCHEMES)('eight runs in $name', ({ name, card, lines }) => {
  it.each(Object.keys(EYES))('are eight colours to eyes with %s cones or without', (eyes) => {
    const colors = lines.map((line) => seen(line, EYES[eyes]))
    const distances = colors.flatMap((a, i) =>
      colors.slice(0, i).map((b) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])),
    )
    // A step that is seen at a glance is about 0.02.
    expect(Math.min(...distances)).toBeGreaterThan(0.1)
  })

  it('stand out from a card, as lines and as words', () => {
    for (const line of lines) expect(contrast(line, card), line).toBeGreaterThanOrEqual(3)
    const words = name === 'light' ? PAINTS.map(({ light, lightText = light }) => lightText) : lines
    for (const word of words) expect(contrast(word, card), word).toBeGreaterThanOrEqual(4.5)
  })
})

describe('the looks of runs', () => {
  it('have dashes of their own', () => {
    expect(new Set(PAINTS.map(({ dash }) => dash)).size).toBe(8)
  })

  it('keep SGD and SAM as they are, whoever stands beside them, and are never the same', () => {
    const pair = looksOf(['sgd', 'sam'])
    expect(pair.map(({ dash }) => dash)).toEqual([undefined, '6 4'])
    expect(looksOf(['sam', 'sam2', 'sgd'])[2]).toEqual(pair[0])
    expect(looksOf(['sam', 'sam2'])[0]).toEqual(pair[1])
    for (const keys of [
      ['sgd', 'sam', 'c', 'd', 'e', 'f', 'g', 'h'],
      ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'],
    ])
      expect(new Set(looksOf(keys).map(({ color }) => color)).size).toBe(8)
  })
})
