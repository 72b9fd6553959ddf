/** Surfaces as files, read back from their bytes. */
import { expect, it } from 'vitest'
import { encodeStl } from './stl'
import { encodeVtp } from './vtp'

const x = [0, 1, 2.5, 4]
const y = [0, 2, 3]
const z = y.map((yi, i) => x.map((xj, j) => 1 + Math.sin(3 * xj + yi) ** 2 + 0.1 * i * j))

/** Corners of each triangle, as a reader of the format takes them. */
function readStl(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const count = view.getUint32(80, true)
  expect(bytes.length).toBe(84 + 50 * count)
  return Array.from({ length: count }, (_, k) => {
    const at = (n: number) => view.getFloat32(84 + 50 * k + 4 * n, true)
    const vector = (n: number) => [at(n), at(n + 1), at(n + 2)]
    return { normal: vector(0), corners: [vector(3), vector(6), vector(9)] }
  })
}

it('STL: a closed body, each edge of two triangles that go around it both ways', () => {
  const bytes = encodeStl({ x, y, z }, 'SGD')
  expect(new TextDecoder().decode(bytes.subarray(0, 5))).not.toBe('solid')
  const triangles = readStl(bytes)
  const edges = new Map<string, number>()
  let volume = 0
  for (const { normal, corners } of triangles) {
    corners.forEach((from, k) => {
      const edge = `${from}|${corners[(k + 1) % 3]}`
      edges.set(edge, (edges.get(edge) ?? 0) + 1)
    })
    const [a, b, c] = corners
    const cross = [b[1] * c[2] - b[2] * c[1], b[2] * c[0] - b[0] * c[2], b[0] * c[1] - b[1] * c[0]]
    volume += (a[0] * cross[0] + a[1] * cross[1] + a[2] * cross[2]) / 6
    expect(Math.hypot(...normal)).toBeCloseTo(1, 5)
    // No triangle is a line.
    const [u, v] = [b, c].map((point) => point.map((value, n) => value - a[n]))
    const area =
      Math.hypot(u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]) / 2
    expect(area).toBeGreaterThan(1e-6)
  }
  for (const [edge, count] of edges) {
    expect(count).toBe(1)
    expect(edges.get(edge.split('|').reverse().join('|'))).toBe(1)
  }
  // Under the same triangles over each cell, computed by itself.
  let expected = 0
  for (let i = 0; i + 1 < y.length; i++)
    for (let j = 0; j + 1 < x.length; j++) {
      const half = ((x[j + 1] - x[j]) * (y[i + 1] - y[i])) / 2
      expected += (half * (z[i][j] + z[i][j + 1] + z[i + 1][j + 1])) / 3
      expected += (half * (z[i][j] + z[i + 1][j + 1] + z[i + 1][j])) / 3
    }
  expect(volume).toBeCloseTo(expected, 4)
})

it('STL: heights that are no body are refused', () => {
  expect(() => encodeStl({ x, y, z: z.map((row) => row.map(() => 0)) }, 'flat')).toThrow(RangeError)
  expect(() => encodeStl({ x, y, z: z.map((row) => row.map(() => Number.NaN)) }, 'none')).toThrow(RangeError)
})

it('VTP: points, polygons and numbers come back to the bit', () => {
  const points = Float64Array.from(y.flatMap((yi, i) => x.flatMap((xj, j) => [xj, yi, z[i][j]])))
  const loss = Float64Array.from(z.flat())
  const error = loss.map((_, k) => (k === 3 ? Number.NaN : k / 7))
  const quads = Uint32Array.of(0, 1, 5, 4, 1, 2, 6, 5)
  const data = new Map([
    ['loss', loss],
    ['training error', error],
  ])
  const text = encodeVtp({ points, quads, data })
  const values = (name: string) => {
    const found = new RegExp(`Name="${name}"[^/>]*>([^<]+)<`).exec(text)![1]
    return found.trim().split(/\s+/).map(Number)
  }
  expect(values('Points')).toEqual([...points])
  expect(values('loss')).toEqual([...loss])
  expect(values('training error')).toEqual([...error])
  expect(values('connectivity')).toEqual([...quads])
  expect(values('offsets')).toEqual([4, 8])
  expect(text).toContain(`NumberOfPoints="${x.length * y.length}"`)
  expect(text).toContain('NumberOfPolys="2"')
})
