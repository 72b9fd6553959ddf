/** A figure as PNG: a chart's SVG with its computed colours written in, on the page's surface, at twice the size. */
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

/** Draws `svg` under `title` and resolves with the PNG. */
export async function svgToPng(svg: SVGSVGElement, title: string): Promise<Blob> {
  const { width, height } = svg.getBoundingClientRect()
  const source = new XMLSerializer().serializeToString(withStyles(svg, width, height))
  const address = URL.createObjectURL(new Blob([source], { type: 'image/svg+xml' }))
  try {
    const image = new Image()
    image.src = address
    await image.decode()
    const rows = legendRows(svg, title, width)
    const head = HEAD + (rows.length - 1) * LEGEND_ROW
    return await paint(width, height + head, (context) => {
      drawTitle(context, title)
      drawLegend(context, rows, width)
      context.drawImage(image, 0, head, width, height)
    })
  } finally {
    URL.revokeObjectURL(address)
  }
}

/** Height of the title's line; of one of the legend's below it; what is left free at the sides and between. */
const HEAD = 32
const LEGEND_ROW = 20
const MARGIN = 12
const GAP = 18

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

const titleFont = () => `600 14px ${getComputedStyle(document.body).fontFamily}`

function drawTitle(context: CanvasRenderingContext2D, title: string): void {
  context.font = titleFont()
  context.fillStyle = getComputedStyle(document.body).color
  context.fillText(title, 12, 21)
}

interface LegendEntry {
  label: string
  line: Element
  width: number
}

/** The chart's lines by name: beside the title where they have room there, else in rows below it. */
function legendRows(svg: SVGSVGElement, title: string, width: number): LegendEntry[][] {
  const measure = new OffscreenCanvas(1, 1).getContext('2d')!
  measure.font = titleFont()
  const entries = [...svg.querySelectorAll<SVGGElement>('g[data-legend]')].map((group): LegendEntry => {
    const label = group.dataset.legend!
    return { label, line: group.firstElementChild!, width: measure.measureText(label).width + 34 }
  })
  const all = entries.reduce((sum, entry) => sum + entry.width + GAP, 0)
  if (measure.measureText(title).width + all + 2 * MARGIN <= width) return [entries]
  const rows: LegendEntry[][] = [[], []]
  let left = MARGIN
  for (const entry of entries) {
    if (left > MARGIN && left + entry.width + MARGIN > width) {
      rows.push([])
      left = MARGIN
    }
    rows[rows.length - 1].push(entry)
    left += entry.width + GAP
  }
  return rows
}

/** The first row ends at the right, those below begin at the left. */
function drawLegend(context: CanvasRenderingContext2D, rows: LegendEntry[][], width: number): void {
  rows.forEach((entries, k) => {
    const all = entries.reduce((sum, entry) => sum + entry.width + GAP, -GAP)
    let left = k === 0 ? width - MARGIN - all : MARGIN
    for (const entry of entries) {
      drawEntry(context, entry, left, 21 + k * LEGEND_ROW)
      left += entry.width + GAP
    }
  })
}

function drawEntry(
  context: CanvasRenderingContext2D,
  { label, line }: LegendEntry,
  left: number,
  y: number,
): void {
  const { stroke, strokeDasharray } = getComputedStyle(line)
  context.strokeStyle = stroke
  context.lineWidth = 2
  context.setLineDash(strokeDasharray === 'none' ? [] : strokeDasharray.split(/[ ,]+/).map(Number.parseFloat))
  context.beginPath()
  context.moveTo(left, y - 5)
  context.lineTo(left + 26, y - 5)
  context.stroke()
  context.setLineDash([])
  context.fillStyle = getComputedStyle(document.body).color
  context.fillText(label, left + 34, y)
}

const surfaceColor = (): string =>
  getComputedStyle(document.documentElement).getPropertyValue('--mantine-color-body').trim()

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
