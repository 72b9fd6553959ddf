/** A figure as PNG: a chart's SVG with its computed colours written in, on the page's surface, at twice the size. */
import { RUN_LABEL } from '../format'

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
    return await paint(width, height + HEAD, (context) => {
      drawTitle(context, title)
      drawLegend(context, svg, width)
      context.drawImage(image, 0, HEAD, width, height)
    })
  } finally {
    URL.revokeObjectURL(address)
  }
}

/** Height of the title's line. */
export const HEAD = 32

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

function drawTitle(context: CanvasRenderingContext2D, title: string): void {
  context.font = `600 14px ${getComputedStyle(document.body).fontFamily}`
  context.fillStyle = getComputedStyle(document.body).color
  context.fillText(title, 12, 21)
}

/** The names of the runs that the chart has lines of, in their colours, at the right of the title. */
function drawLegend(context: CanvasRenderingContext2D, svg: SVGSVGElement, width: number): void {
  context.textAlign = 'right'
  let right = width - 12
  for (const run of ['sam', 'sgd'] as const) {
    const line = svg.querySelector(`.curve-${run} path`)
    if (!line) continue
    const style = getComputedStyle(line)
    context.fillStyle = style.stroke
    context.strokeStyle = style.stroke
    context.fillText(RUN_LABEL[run], right, 21)
    right -= context.measureText(RUN_LABEL[run]).width + 8
    context.lineWidth = 2
    context.setLineDash(run === 'sam' ? [6, 4] : [])
    context.beginPath()
    context.moveTo(right - 26, 16)
    context.lineTo(right, 16)
    context.stroke()
    right -= 44
  }
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
