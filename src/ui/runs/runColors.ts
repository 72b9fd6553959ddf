/**
 * How runs look: a colour in light and in dark and a dash each, told apart by eyes that miss a colour too
 * (runColors.test.ts computes that). SGD and SAM look the same wherever they stand; others take what is free.
 */
import type { RunKey } from '../../worker/protocol'

interface Paint {
  /** Of lines: 3:1 or more on a card. */
  light: string
  dark: string
  /** Of words, where the line's colour has not 4.5:1 on a card and on the page. */
  lightText?: string
  /** As in `stroke-dasharray`; absent: a whole line. */
  dash?: string
}

export const PAINTS: readonly Paint[] = [
  { light: '#c8500a', dark: '#ff9a5a' },
  { light: '#0b63b8', dark: '#6db3ff', dash: '6 4' },
  { light: '#1a9f91', dark: '#67ffa6', lightText: '#007f72', dash: '2 3' },
  { light: '#8b3373', dark: '#fd3651', dash: '12 4' },
  { light: '#4d4500', dark: '#fedb08', dash: '10 3 2 3' },
  { light: '#ae6dfa', dark: '#bf4dfd', lightText: '#904dd8', dash: '4 2' },
  { light: '#02007f', dark: '#cfe4ff', dash: '8 3 2 3 2 3' },
  { light: '#490231', dark: '#43978a', dash: '1 4' },
]

const OF_METHODS: Record<RunKey, number> = { sgd: 0, sam: 1 }

export interface RunLook {
  /** CSS values. */
  color: string
  textColor: string
  dash?: string
}

/** Of the paint with this number. */
export const lookOf = (paint: number): RunLook => ({
  color: `var(--run-${paint})`,
  textColor: `var(--run-${paint}-text)`,
  dash: PAINTS[paint].dash,
})

/** The looks of runs beside each other, in their order. */
export function looksOf(keys: readonly RunKey[]): RunLook[] {
  const known = Object.values(OF_METHODS)
  const free = [
    ...PAINTS.map((_, paint) => paint).filter((paint) => !known.includes(paint)),
    ...known.filter((paint) => !keys.some((key) => OF_METHODS[key] === paint)),
  ]
  let taken = 0
  return keys.map((key) => lookOf(OF_METHODS[key] ?? free[taken++ % free.length]))
}

/** What the looks are made of, as variables of a style sheet. */
export function colorVariables(scheme: 'light' | 'dark'): Record<string, string> {
  return Object.fromEntries(
    PAINTS.flatMap(({ light, dark, lightText = light }, i) => [
      [`--run-${i}`, scheme === 'light' ? light : dark],
      [`--run-${i}-text`, scheme === 'light' ? lightText : dark],
    ]),
  )
}
