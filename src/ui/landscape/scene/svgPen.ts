import { ballTones } from './canvasPen'
import type { LineLook, Pen, Pixels, Square, TextLook } from './pen'

/** Writes what is drawn as SVG. */
export class SvgPen implements Pen {
  readonly #parts: string[] = []
  readonly #defs: string[] = []

  /**
   * @param measure width of words, which only a canvas knows
   * @param pngOf a data address of a small picture
   */
  constructor(
    private readonly font: string,
    private readonly measure: (text: string, size: number, weight: number) => number,
    private readonly pngOf: (pixels: Pixels) => string,
  ) {}

  polygon(points: readonly number[], fill: string, seam = false): void {
    const stroke = seam ? ` stroke="${fill}" stroke-width="0.7" stroke-linejoin="round"` : ''
    this.#parts.push(`<path d="${path(points)}Z" fill="${fill}"${stroke}/>`)
  }

  line(points: readonly number[], look: LineLook): void {
    this.lines([points], look)
  }

  lines(lines: readonly (readonly number[])[], look: LineLook): void {
    if (lines.length === 0) return
    const cap = 'stroke-linecap="round" stroke-linejoin="round"'
    this.#parts.push(`<path d="${lines.map(path).join('')}" fill="none" ${cap}${strokeOf(look)}/>`)
  }

  circle(x: number, y: number, radius: number, fill: string | undefined, line?: LineLook): void {
    const stroke = line ? strokeOf(line) : ''
    this.#parts.push(
      `<circle cx="${short(x)}" cy="${short(y)}" r="${short(radius)}" fill="${fill ?? 'none'}"${stroke}/>`,
    )
  }

  ball(x: number, y: number, radius: number, color: string): void {
    const id = `ball${this.#defs.length}`
    const stops = ballTones(color).map(([at, tone]) => `<stop offset="${at}" stop-color="${tone}"/>`)
    this.#defs.push(
      `<radialGradient id="${id}" cx="0.5" cy="0.5" r="0.5" fx="0.32" fy="0.3">${stops.join('')}</radialGradient>`,
    )
    this.circle(x, y, radius, `url(#${id})`)
  }

  pixels(pixels: Pixels, { left, top, side }: Square): void {
    const { columns, rows } = pixels
    const box = `viewBox="0.5 0.5 ${columns - 1} ${rows - 1}" preserveAspectRatio="none"`
    this.#parts.push(
      `<svg x="${short(left)}" y="${short(top)}" width="${short(side)}" height="${short(side)}" ${box}>` +
        `<image width="${columns}" height="${rows}" href="${this.pngOf(pixels)}"/></svg>`,
    )
  }

  text(text: string, x: number, y: number, look: TextLook): void {
    const { size, color, weight = 400, align = 'start', turn = 0, halo } = look
    const around = halo
      ? ` stroke="${halo}" stroke-width="3" stroke-linejoin="round" paint-order="stroke"`
      : ''
    const turned =
      turn === 0 ? '' : ` transform="rotate(${short((turn * 180) / Math.PI)} ${short(x)} ${short(y)})"`
    this.#parts.push(
      `<text x="${short(x)}" y="${short(y)}" font-size="${size}" font-weight="${weight}" fill="${color}" ` +
        `text-anchor="${align}" dominant-baseline="central"${around}${turned}>${escaped(text)}</text>`,
    )
  }

  widthOf(text: string, size: number, weight = 400): number {
    return this.measure(text, size, weight)
  }

  /** @param background of the whole */
  toString(width: number, height: number, background: string, title: string): string {
    const size = `width="${Math.ceil(width)}" height="${Math.ceil(height)}" viewBox="0 0 ${Math.ceil(width)} ${Math.ceil(height)}"`
    const defs = this.#defs.length > 0 ? `<defs>${this.#defs.join('')}</defs>` : ''
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="${escaped(this.font)}">` +
      `<title>${escaped(title)}</title>${defs}<rect width="100%" height="100%" fill="${background}"/>` +
      `${this.#parts.join('\n')}</svg>\n`
    )
  }
}

/** To a hundredth of a pixel. */
const short = (value: number) => String(Math.round(value * 100) / 100)

function path(points: readonly number[]): string {
  let d = ''
  for (let i = 0; i < points.length; i += 2) {
    d += `${i === 0 ? 'M' : 'L'}${short(points[i])} ${short(points[i + 1])}`
  }
  return d
}

function strokeOf({ color, width, dash, opacity = 1 }: LineLook): string {
  const dashes = dash && dash.length > 0 ? ` stroke-dasharray="${dash.join(' ')}"` : ''
  const faint = opacity < 1 ? ` stroke-opacity="${opacity}"` : ''
  return ` stroke="${color}" stroke-width="${width}"${dashes}${faint}`
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (text: string) => text.replace(/[&<>"]/g, (sign) => ENTITIES[sign])
