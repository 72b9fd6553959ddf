import type { LineLook, Pen, Pixels, Square, TextLook } from './pen'

/** Draws on a canvas, which stays as large as it is. */
export class CanvasPen implements Pen {
  constructor(
    private readonly context: CanvasRenderingContext2D,
    private readonly font: string,
  ) {}

  polygon(points: readonly number[], fill: string, seam = false): void {
    const { context } = this
    this.#path(points)
    context.closePath()
    context.fillStyle = fill
    context.fill()
    if (!seam) return
    context.strokeStyle = fill
    context.lineWidth = 0.7
    context.stroke()
  }

  line(points: readonly number[], look: LineLook): void {
    this.lines([points], look)
  }

  lines(lines: readonly (readonly number[])[], { color, width, dash = [], opacity = 1 }: LineLook): void {
    const { context } = this
    context.beginPath()
    for (const points of lines) this.#path(points, true)
    context.strokeStyle = color
    context.lineWidth = width
    context.lineCap = 'round'
    context.lineJoin = 'round'
    context.globalAlpha = opacity
    context.setLineDash([...dash])
    context.stroke()
    context.setLineDash([])
    context.globalAlpha = 1
  }

  circle(x: number, y: number, radius: number, fill: string | undefined, line?: LineLook): void {
    const { context } = this
    context.beginPath()
    context.arc(x, y, radius, 0, 2 * Math.PI)
    if (fill) {
      context.fillStyle = fill
      context.fill()
    }
    if (!line) return
    context.strokeStyle = line.color
    context.lineWidth = line.width
    context.setLineDash([...(line.dash ?? [])])
    context.stroke()
    context.setLineDash([])
  }

  ball(x: number, y: number, radius: number, color: string): void {
    const shade = this.context.createRadialGradient(
      x - 0.35 * radius,
      y - 0.4 * radius,
      0.1 * radius,
      x,
      y,
      radius,
    )
    for (const [at, tone] of ballTones(color)) shade.addColorStop(at, tone)
    this.context.beginPath()
    this.context.arc(x, y, radius, 0, 2 * Math.PI)
    this.context.fillStyle = shade
    this.context.fill()
  }

  pixels({ columns, rows, rgba }: Pixels, { left, top, side }: Square): void {
    const small = new OffscreenCanvas(columns, rows)
    small.getContext('2d')!.putImageData(new ImageData(rgba, columns, rows), 0, 0)
    this.context.imageSmoothingEnabled = true
    this.context.imageSmoothingQuality = 'high'
    this.context.drawImage(small, 0.5, 0.5, columns - 1, rows - 1, left, top, side, side)
  }

  text(text: string, x: number, y: number, look: TextLook): void {
    const { size, color, weight = 400, align = 'start', turn = 0, halo } = look
    const { context } = this
    context.save()
    context.translate(x, y)
    context.rotate(turn)
    context.font = `${weight} ${size}px ${this.font}`
    context.textAlign = align === 'middle' ? 'center' : align
    context.textBaseline = 'middle'
    if (halo) {
      context.strokeStyle = halo
      context.lineWidth = 3
      context.lineJoin = 'round'
      context.strokeText(text, 0, 0)
    }
    context.fillStyle = color
    context.fillText(text, 0, 0)
    context.restore()
  }

  widthOf(text: string, size: number, weight = 400): number {
    this.context.font = `${weight} ${size}px ${this.font}`
    return this.context.measureText(text).width
  }

  #path(points: readonly number[], goesOn = false): void {
    if (!goesOn) this.context.beginPath()
    this.context.moveTo(points[0], points[1])
    for (let i = 2; i < points.length; i += 2) this.context.lineTo(points[i], points[i + 1])
  }
}

/** From where the light falls to the edge. */
export const ballTones = (color: string): readonly [number, string][] => [
  [0, '#ffffff'],
  [0.35, color],
  [1, '#101014'],
]
