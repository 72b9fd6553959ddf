import { describe, expect, it } from 'vitest'
import type { DrawnBasin } from '../basin'
import { lossScale } from '../lossScale'
import { START, turned, viewOf } from './camera'
import { isSeen, paintOrder, regridded } from './heightField'
import { boxHeightOf, FLOOR, type SceneLook } from './look'
import { pickOnScene } from './pick'

const place = { left: 50, top: 20, width: 400, height: 300 }

describe('a camera', () => {
  it('keeps the box within its place from every side', () => {
    for (let k = 0; k < 60; k++) {
      const camera = { azimuth: -3 + 0.1 * k, elevation: 0.05 + 0.025 * k }
      for (const boxHeight of [0.4, 1, 2.5]) {
        const view = viewOf(camera, boxHeight, place)
        for (const x of [-1, 1])
          for (const y of [-1, 1])
            for (const z of [0, boxHeight]) {
              const [left, top] = view.at(x, y, z)
              // Sides that lie between two that were looked at may reach a little further.
              expect(left).toBeGreaterThan(place.left - 2)
              expect(left).toBeLessThan(place.left + place.width + 2)
              expect(top).toBeGreaterThan(place.top - 2)
              expect(top).toBeLessThan(place.top + place.height + 2)
            }
      }
    }
  })

  it('sees what is higher above, and goes around without an end, but not below the floor', () => {
    const view = viewOf(START, 1, place)
    expect(view.at(0, 0, 1)[1]).toBeLessThan(view.at(0, 0, 0)[1])
    expect(turned(START, 2 * Math.PI, 0).azimuth).toBeCloseTo(START.azimuth, 12)
    expect(turned(START, 0, 9).elevation).toBeLessThan(Math.PI / 2)
    expect(turned(START, 0, -9).elevation).toBeGreaterThan(0)
  })
})

describe('painting', () => {
  it('goes towards the viewer from both sides, every cell once', () => {
    expect(paintOrder(4, 9)).toEqual([0, 1, 2, 3])
    expect(paintOrder(4, -9)).toEqual([3, 2, 1, 0])
    expect(paintOrder(4, 0.1)).toEqual([0, 1, 3, 2])
    for (const eye of [-1.2, -0.9, 0, 0.4, 1.3]) {
      expect(paintOrder(7, eye).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6])
    }
  })

  it('makes of a plane the same plane, coarser or finer', () => {
    const z = Array.from({ length: 9 }, (_, i) => Array.from({ length: 7 }, (_, j) => 2 * i - j))
    const fewer = regridded(z, 4)
    expect(fewer).toHaveLength(4)
    fewer.forEach((row, i) => {
      row.forEach((value, j) => {
        expect(value).toBeCloseTo(2 * ((i * 8) / 3) - (j * 6) / 3, 12)
      })
    })
    // Cells are divided, so that every point that was measured stays one.
    const finer = regridded(z, 999)
    const parts = (finer.length - 1) / 8
    expect(Number.isInteger(parts) && parts > 1).toBe(true)
    z.forEach((row, i) => {
      row.forEach((value, j) => {
        expect(finer[i * parts][(j * (finer[0].length - 1)) / 6]).toBeCloseTo(value, 12)
      })
    })
    const large = Array.from({ length: 101 }, () => new Array(101).fill(0))
    expect(regridded(large, 999)).toBe(large)
  })
})

describe('what is seen', () => {
  // A wall across the middle.
  const wall = Array.from({ length: 21 }, () => Array.from({ length: 21 }, (_, j) => (j === 10 ? 1 : 0)))

  it('is what is on this side of a wall, on it, and high enough above what is behind it', () => {
    const eye: [number, number, number] = [6, 0, 1]
    expect(isSeen(wall, { column: 15, row: 10 }, 0, eye)).toBe(true)
    expect(isSeen(wall, { column: 10, row: 10 }, 0, eye)).toBe(true)
    expect(isSeen(wall, { column: 5, row: 10 }, 0, eye)).toBe(false)
    expect(isSeen(wall, { column: 5, row: 10 }, 1.2, eye)).toBe(true)
    // From the other side, and from above.
    expect(isSeen(wall, { column: 5, row: 10 }, 0, [-6, 0, 1])).toBe(true)
    expect(isSeen(wall, { column: 5, row: 10 }, 0, [0.5, 0, 6])).toBe(true)
  })
})

describe('pointing', () => {
  const axis = Float64Array.from({ length: 21 }, (_, i) => (i - 10) / 5)
  const basin = {
    surface: { x: axis, y: axis, z: Array.from(axis, (y) => Array.from(axis, (x) => x * x + 2 * y * y)) },
  } as unknown as DrawnBasin
  const scale = lossScale([basin.surface], { height: 'rise', scale: 'linear' })
  const look = { scale, exaggeration: 1, most: 99 }
  const onPaper = (camera: SceneLook['camera'], x: number, y: number) => {
    const up = FLOOR + scale.share(x * x + 2 * y * y) * (boxHeightOf(1) - FLOOR)
    return viewOf(camera, boxHeightOf(1), place).at(x / 2, y / 2, up)
  }

  it('at a point of the surface finds that point, from any side', () => {
    // Steep enough that nothing of the bowl hides another part.
    for (const azimuth of [-2, 0.3, 1, 2.9])
      for (const [x, y] of [
        [0, 0],
        [1.2, -0.6],
        [-0.8, 1.4],
      ]) {
        const camera = { azimuth, elevation: 1.35 }
        const found = pickOnScene(place, basin, { ...look, camera }, ...onPaper(camera, x, y))!
        expect(found.x).toBeCloseTo(x, 1)
        expect(found.y).toBeCloseTo(y, 1)
      }
  })

  it('finds what is seen, not what it hides, and nothing beside it', () => {
    // From low down the front rim hides the bottom.
    const camera = { azimuth: -Math.PI / 2, elevation: 0.1 }
    const found = pickOnScene(place, basin, { ...look, camera }, ...onPaper(camera, 0, 0))!
    expect(found.y).toBeLessThan(-0.5)
    expect(pickOnScene(place, basin, { ...look, camera }, 1, 1)).toBeUndefined()
  })
})
