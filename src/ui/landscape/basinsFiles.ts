/** The basins to take home: the picture as PNG and SVG, a turn as a film. */
import { BasinError } from '../../base/errors'
import { paint } from '../files/picture'
import type { DrawnBasin } from './basin'
import { type BasinsLook, basinsLayout, drawBasins } from './basinsPicture'
import { readColors } from './colors'
import { CanvasPen } from './scene/canvasPen'
import { recordFilm } from './scene/film'
import type { Pixels } from './scene/pen'
import { SvgPen } from './scene/svgPen'

export type Portrait = Omit<BasinsLook, 'colors' | 'most'> & { caption: { title: string; subtitle: string } }

/** As wide as a page of a paper likes it. */
const WIDTH = 1200
const FILM_WIDTH = 960
const SECONDS = 8
const MOST_IN_FILM = 81

export function basinsPng(drawn: readonly DrawnBasin[], look: Portrait): Promise<Blob> {
  const layout = basinsLayout(WIDTH, drawn.length, look.choice.view, true)
  return paint(WIDTH, layout.height, (context) => {
    const colors = readColors()
    drawBasins(new CanvasPen(context, colors.font), layout, drawn, { ...look, colors })
  })
}

export function basinsSvg(drawn: readonly DrawnBasin[], look: Portrait): string {
  const colors = readColors()
  const layout = basinsLayout(WIDTH, drawn.length, look.choice.view, true)
  const measure = new CanvasPen(document.createElement('canvas').getContext('2d')!, colors.font)
  const pen = new SvgPen(colors.font, (text, size, weight) => measure.widthOf(text, size, weight), pngAddress)
  drawBasins(pen, layout, drawn, { ...look, colors })
  return pen.toString(WIDTH, layout.height, colors.surface, look.caption.title)
}

/** Once around, as long as it takes to see it. @throws BasinError `unsupported` where the browser records no canvas */
export function basinsFilm(
  drawn: readonly DrawnBasin[],
  look: Portrait,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<Blob> {
  const colors = readColors()
  const { camera } = look.choice
  const layout = basinsLayout(FILM_WIDTH, drawn.length, 'surface', true)
  return recordFilm({
    width: FILM_WIDTH,
    height: layout.height,
    seconds: SECONDS,
    onProgress,
    signal,
    draw(context, share) {
      context.fillStyle = colors.surface
      context.fillRect(0, 0, FILM_WIDTH, layout.height)
      const choice = {
        ...look.choice,
        view: 'surface' as const,
        camera: { ...camera, azimuth: camera.azimuth + 2 * Math.PI * share },
      }
      const pen = new CanvasPen(context, colors.font)
      drawBasins(pen, layout, drawn, { ...look, choice, colors, pointed: undefined, most: MOST_IN_FILM })
    },
  })
}

function pngAddress({ columns, rows, rgba }: Pixels): string {
  const canvas = document.createElement('canvas')
  canvas.width = columns
  canvas.height = rows
  const context = canvas.getContext('2d')
  if (!context) throw new BasinError('unsupported', 'picture: a canvas, got none')
  context.putImageData(new ImageData(rgba, columns, rows), 0, 0)
  return canvas.toDataURL('image/png')
}
