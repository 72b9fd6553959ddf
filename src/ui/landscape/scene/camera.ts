/**
 * Where a scene is looked at from, and where its points then lie on paper. The scene is a box: x and y from −1 to 1, z from
 * 0 (the floor) to its height.
 */

export interface Camera {
  /** Radians: around the box, and above its floor. */
  azimuth: number
  elevation: number
}

/** Low enough to see that it is a bowl, high enough to see into it. */
export const START: Camera = { azimuth: -0.96, elevation: 0.72 }

/** In half sides of the box, from its middle: a mild perspective. */
const DISTANCE = 6
const LOWEST = 0.02
const HIGHEST = Math.PI / 2 - 0.02

export interface Place {
  left: number
  top: number
  width: number
  height: number
}

export interface View {
  /** Of a point of the box, on paper. */
  at(x: number, y: number, z: number): [left: number, top: number]
  /** Paper for one unit of the box at its middle. */
  unit: number
  /** Where the viewer stands, in the box's units. */
  eye: [x: number, y: number, z: number]
  camera: Camera
}

export function turned({ azimuth, elevation }: Camera, right: number, up: number): Camera {
  return {
    azimuth: ((((azimuth + right + Math.PI) % (2 * Math.PI)) + 2 * Math.PI) % (2 * Math.PI)) - Math.PI,
    elevation: Math.min(Math.max(elevation + up, LOWEST), HIGHEST),
  }
}

/** The box as large as the place allows from any side, so that it does not breathe while it turns. */
export function viewOf(camera: Camera, boxHeight: number, place: Place): View {
  const project = projection(camera, boxHeight)
  let [wide, low, high] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let k = 0; k < 16; k++) {
    const around = projection({ ...camera, azimuth: (k * Math.PI) / 32 }, boxHeight)
    for (const [x, y] of CORNERS)
      for (const z of [0, boxHeight]) {
        const [u, v] = around(x, y, z)
        wide = Math.max(wide, Math.abs(u))
        low = Math.min(low, v)
        high = Math.max(high, v)
      }
  }
  const unit = Math.min(place.width / (2 * wide), place.height / (high - low))
  const [middle, centre] = [place.left + place.width / 2, place.top + place.height / 2]
  return {
    at(x, y, z) {
      const [u, v] = project(x, y, z)
      return [middle + unit * u, centre - unit * (v - (low + high) / 2)]
    },
    unit,
    eye: [
      DISTANCE * Math.cos(camera.elevation) * Math.cos(camera.azimuth),
      DISTANCE * Math.cos(camera.elevation) * Math.sin(camera.azimuth),
      boxHeight / 2 + DISTANCE * Math.sin(camera.elevation),
    ],
    camera,
  }
}

export const CORNERS = [
  [-1, -1],
  [1, -1],
  [1, 1],
  [-1, 1],
] as const

/** Rightwards and upwards of the middle of the box, in its units. */
function projection({ azimuth, elevation }: Camera, boxHeight: number) {
  const [ca, sa] = [Math.cos(azimuth), Math.sin(azimuth)]
  const [ce, se] = [Math.cos(elevation), Math.sin(elevation)]
  return (x: number, y: number, z: number): [number, number] => {
    const up = z - boxHeight / 2
    const towards = ce * ca * x + ce * sa * y + se * up
    const nearer = DISTANCE / (DISTANCE - towards)
    return [nearer * (ca * y - sa * x), nearer * (ce * up - se * ca * x - se * sa * y)]
  }
}
