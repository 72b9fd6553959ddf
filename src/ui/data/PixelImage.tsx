/** One image of a data set, its pixels as they are. */
import { useEffect, useRef } from 'react'

interface PixelImageProps {
  rgba: Uint8ClampedArray<ArrayBuffer>
  width: number
  height: number
}

export function PixelImage({ rgba, width, height }: PixelImageProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    canvas.current?.getContext('2d')?.putImageData(new ImageData(rgba, width, height), 0, 0)
  }, [rgba, width, height])
  return <canvas ref={canvas} width={width} height={height} className="pixels" />
}
