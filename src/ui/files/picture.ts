/**
 * A figure as a file: a chart's SVG with its computed colours written in, under its title and legend, on the page's
 * surface; as SVG, or drawn from that as PNG at twice the size.
 */
const SCALE = 2
const STYLES = [
  'fill',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'stroke-opacity',
  'opacity',
  'font-size',
  'font-family',
  'font-weight',
  'text-anchor',
]

export interface Heading {
  title: string
  subtitle?: string
}

/** Distances in the heading: to the edges, between entries, between rows, down to the title's baseline. */
const MARGIN = 12
const GAP = 18
const ROW = 20
const TITLE_LINE = 21
const DASH = 26

/** The figure as the text of an SVG file. */
export function svgFile(svg: SVGSVGElement, heading: Heading): string {
  return new XMLSerializer().serializeToString(figureSvg(svg, heading).figure)
}

/** The figure as a PNG. */
export async function svgToPng(svg: SVGSVGElement, heading: Heading): Promise<Blob> {
  const { figure, width, height } = figureSvg(svg, heading)
  // A picture sees none of the page's fonts but those it brings along.
  figure.prepend(node('style', {}, await pageFont()))
  const source = new XMLSerializer().serializeToString(figure)
  const address = URL.createObjectURL(new Blob([source], { type: 'image/svg+xml' }))
  try {
    const image = new Image()
    image.src = address
    await image.decode()
    return await paint(width, height, (context) => context.drawImage(image, 0, 0, width, height))
  } finally {
    URL.revokeObjectURL(address)
  }
}

/** A picture of the given size in CSS pixels on the page's surface, painted by `draw`. */
export async function paint(
  width: number,
  height: number,
  draw: (context: CanvasRenderingContext2D) => void | Promise<void>,
): Promise<Blob> {
  const canvas = document.createElement('canvas')
  canvas.width = Math.ceil(width * SCALE)
  canvas.height = Math.ceil(height * SCALE)
  const context = canvas.getContext('2d')!
  context.scale(SCALE, SCALE)
  context.fillStyle = surfaceColor()
  context.fillRect(0, 0, width, height)
  await draw(context)
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('picture: the browser made no PNG')))),
  )
}

const surfaceColor = (): string =>
  getComputedStyle(document.documentElement).getPropertyValue('--mantine-color-body').trim()

let fontRule: Promise<string> | undefined

/** A `@font-face` with the page's Latin letters in it; nothing where they cannot be had. */
export function pageFont(): Promise<string> {
  fontRule ??= readFont().catch(() => {
    fontRule = undefined
    return ''
  })
  return fontRule
}

async function readFont(): Promise<string> {
  const { default: address } = await import(
    '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2?url'
  )
  const bytes = new Uint8Array(await (await fetch(address)).arrayBuffer())
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
  return `@font-face { font-family: 'Inter Variable'; font-weight: 100 900; src: url(data:font/woff2;base64,${text}); }`
}

function figureSvg(svg: SVGSVGElement, { title, subtitle }: Heading) {
  const { width, height } = svg.getBoundingClientRect()
  const { color, fontFamily } = getComputedStyle(document.body)
  const rows = legendRows(svg, width)
  const head = TITLE_LINE + 11 + ROW * ((subtitle ? 1 : 0) + rows.length)
  const figure = node('svg', {
    width,
    height: height + head,
    viewBox: `0 0 ${width} ${height + head}`,
    'font-family': fontFamily,
    fill: color,
  })
  figure.append(node('rect', { width, height: height + head, fill: surfaceColor() }))
  figure.append(node('text', { x: MARGIN, y: TITLE_LINE, 'font-size': 14, 'font-weight': 600 }, title))
  if (subtitle) figure.append(node('text', { x: MARGIN, y: TITLE_LINE + ROW, 'font-size': 12 }, subtitle))
  rows.forEach((entries, k) => {
    const y = head - 11 - ROW * (rows.length - 1 - k)
    for (const entry of entries) figure.append(...drawnEntry(entry, y))
  })
  const drawing = withStyles(svg, width, height)
  drawing.setAttribute('y', String(head))
  figure.append(drawing)
  return { figure, width, height: height + head }
}

interface LegendEntry {
  label: string
  line: Element
  left: number
}

/** The chart's lines by name, in as many rows as they need. */
function legendRows(svg: SVGSVGElement, width: number): LegendEntry[][] {
  const measure = new OffscreenCanvas(1, 1).getContext('2d')!
  measure.font = `12px ${getComputedStyle(document.body).fontFamily}`
  const rows: LegendEntry[][] = []
  let left = Number.POSITIVE_INFINITY
  for (const group of svg.querySelectorAll<SVGGElement>('g[data-legend]')) {
    const label = group.dataset.legend!
    const wide = DASH + 8 + measure.measureText(label).width
    if (left + wide + MARGIN > width) {
      rows.push([])
      left = MARGIN
    }
    rows[rows.length - 1].push({ label, line: group.firstElementChild!, left })
    left += wide + GAP
  }
  return rows
}

function drawnEntry({ label, line, left }: LegendEntry, y: number): SVGElement[] {
  const { stroke, strokeDasharray } = getComputedStyle(line)
  return [
    node('path', {
      d: `M${left},${y - 4}h${DASH}`,
      stroke,
      'stroke-width': 2,
      'stroke-dasharray': strokeDasharray,
    }),
    node('text', { x: left + DASH + 8, y, 'font-size': 12 }, label),
  ]
}

function node(name: string, attributes: Record<string, string | number>, text?: string): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value))
  if (text !== undefined) element.textContent = text
  return element
}

function withStyles(svg: SVGSVGElement, width: number, height: number): SVGSVGElement {
  const copy = svg.cloneNode(true) as SVGSVGElement
  copy.setAttribute('width', String(width))
  copy.setAttribute('height', String(height))
  const originals = svg.querySelectorAll<SVGElement>('*')
  copy.querySelectorAll<SVGElement>('*').forEach((element, i) => {
    const computed = getComputedStyle(originals[i])
    for (const name of STYLES) element.style.setProperty(name, computed.getPropertyValue(name))
  })
  return copy
}
