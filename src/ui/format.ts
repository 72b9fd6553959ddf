/** How numbers and problems are written on the page. One place, so that the same one always looks the same. */
import type { PlainError } from '../base/errors'

/** One for all: another each time takes longer than the rest of a line. */
const COUNTS = new Intl.NumberFormat('en-US')

/** Three significant digits, without exponents where that is readable: `0.0012`, `84,300`, `1.40e16`. */
export function formatNumber(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '–'
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞'
  const size = Math.abs(value)
  if (size === 0) return '0'
  const text =
    size >= 99_999.5
      ? scientific(value.toExponential(2))
      : size >= 1000
        ? COUNTS.format(Math.round(value))
        : size >= 100
          ? value.toFixed(0)
          : size >= 10
            ? value.toFixed(1)
            : size >= 0.1
              ? value.toFixed(2)
              : size >= 0.001
                ? value.toFixed(4)
                : value.toExponential(1)
  return text.replace('-', '−')
}

/** Values that are read against each other, with as many decimals each: `0.4500`, `0.0123`. */
export function formatAlike(values: readonly (number | undefined)[]): string[] {
  const texts = values.map(formatNumber)
  const plain = values.filter((value, i) => value !== undefined && /^−?[\d,.]+$/.test(texts[i])) as number[]
  const decimals = (text: string) => text.split('.')[1]?.length ?? 0
  const most = Math.max(0, ...texts.filter((text) => /^−?[\d,.]+$/.test(text)).map(decimals))
  const largest = Math.max(...plain.map(Math.abs), 1e-3)
  // More digits than five nobody reads.
  const shown = Math.min(most, Math.max(0, 4 - Math.floor(Math.log10(largest))))
  return values.map((value, i) =>
    value !== undefined && plain.includes(value)
      ? value
          .toLocaleString('en-US', { minimumFractionDigits: shown, maximumFractionDigits: shown })
          .replace('-', '−')
      : texts[i],
  )
}

/** A round value beside an axis, short enough to stand there: `0.25`, `25k`, `2.5e16`, `1e-5`. */
export function formatTick(value: number): string {
  const size = Math.abs(value)
  if (size >= 1e5 || (size > 0 && size < 1e-3)) {
    return scientific(Number(value.toPrecision(3)).toExponential())
  }
  return size >= 1e4 ? `${Number((value / 1000).toPrecision(3))}k` : String(Number(value.toPrecision(3)))
}

const scientific = (text: string) => text.replace('e+', 'e')

/** A value somebody chose (a level, a range, an epoch): as short as it is. */
export function formatSetting(value: number): string {
  const short = Number(value.toPrecision(4))
  return scientific(Math.abs(short) < 1e5 ? String(short) : short.toExponential()).replace('-', '−')
}

/** A share as percent with one decimal: `18.7 %`. */
export function formatPercent(share: number | undefined): string {
  if (share === undefined || !Number.isFinite(share)) return '–'
  return `${(100 * share).toFixed(1)} %`.replace('-', '−')
}

/** `6,260` */
export function formatCount(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? '–' : COUNTS.format(Math.round(value))
}

/** `19 s`, `3 min 20 s`, `2 h 5 min` */
export function formatSeconds(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return '–'
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}

/** Of a unit: what a value is multiplied by, the mark behind it, the fewest decimals. */
const INTERVALS = {
  number: { factor: 1, mark: '', least: 0, alone: formatNumber },
  percent: { factor: 100, mark: ' %', least: 1, alone: formatPercent },
  points: { factor: 1, mark: ' points', least: 1, alone: (value: number) => `${value.toFixed(1)} points` },
} as const

/**
 * A mean with half of its interval, both to the interval's second digit: `0.4412 ± 0.0036`, `20.1 ± 1.2 %`. The mean
 * alone where there is no interval, or none to be seen.
 */
export function formatInterval(mean: number, half: number | undefined, unit: keyof typeof INTERVALS): string {
  const { factor, mark, least, alone } = INTERVALS[unit]
  const [middle, spread] = [factor * mean, factor * (half ?? 0)]
  if (!(spread >= 1e-7 && spread < 1e6) || Math.abs(middle) >= 1e6) return alone(mean)
  const decimals = Math.min(8, Math.max(least, 1 - Math.floor(Math.log10(spread))))
  return `${middle.toFixed(decimals).replace('-', '−')} ± ${spread.toFixed(decimals)}${mark}`
}

/** What broke the rule, then what to do; the message ends with a value, so it gets its full stop here. */
export function sentences({ message, remedy }: PlainError): string {
  return `${/[.!?]$/.test(message) ? message : `${message}.`} ${remedy}`
}
