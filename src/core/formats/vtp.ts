/**
 * Surfaces for ParaView and all that reads VTK: PolyData as XML, numbers as text, so that nothing depends on how a reader
 * takes bytes. Source: VTK file formats, "XML formats", PolyData.
 */

export interface PolyData {
  /** x, y, z of each point. */
  points: Float64Array
  /** Corners of each polygon, all of four. */
  quads: Uint32Array
  /** A number a point, by name; NaN where it is not known. */
  data: ReadonlyMap<string, Float64Array>
}

const CORNERS = 4

export function encodeVtp({ points, quads, data }: PolyData): string {
  const numPoints = points.length / 3
  const numPolys = quads.length / CORNERS
  const [first] = data.keys()
  const offsets = Uint32Array.from({ length: numPolys }, (_, k) => CORNERS * (k + 1))
  const none = '<DataArray type="Int32" Name="connectivity" format="ascii"/>'
  const noOffsets = '<DataArray type="Int32" Name="offsets" format="ascii"/>'
  return `<?xml version="1.0"?>
<VTKFile type="PolyData" version="1.0" byte_order="LittleEndian" header_type="UInt64">
<PolyData>
<Piece NumberOfPoints="${numPoints}" NumberOfVerts="0" NumberOfLines="0" NumberOfStrips="0" NumberOfPolys="${numPolys}">
<PointData${first === undefined ? '' : ` Scalars="${escaped(first)}"`}>
${[...data].map(([name, values]) => array('Float64', name, values)).join('\n')}
</PointData>
<Points>
${array('Float64', 'Points', points, 3)}
</Points>
<Verts>${none}${noOffsets}</Verts>
<Lines>${none}${noOffsets}</Lines>
<Strips>${none}${noOffsets}</Strips>
<Polys>
${array('Int32', 'connectivity', quads)}
${array('Int32', 'offsets', offsets)}
</Polys>
</Piece>
</PolyData>
</VTKFile>
`
}

const IN_A_LINE = 12

function array(type: string, name: string, values: ArrayLike<number>, components?: number): string {
  const lines: string[] = []
  for (let at = 0; at < values.length; at += IN_A_LINE) {
    lines.push(
      Array.from({ length: Math.min(IN_A_LINE, values.length - at) }, (_, k) => text(values[at + k])).join(
        ' ',
      ),
    )
  }
  const of = components === undefined ? '' : ` NumberOfComponents="${components}"`
  return `<DataArray type="${type}" Name="${escaped(name)}"${of} format="ascii">\n${lines.join('\n')}\n</DataArray>`
}

/** As VTK's own writer and reader have them. */
const text = (value: number) =>
  Number.isNaN(value) ? 'nan' : Number.isFinite(value) ? String(value) : value > 0 ? 'inf' : '-inf'

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (name: string) => name.replace(/[&<>"]/g, (sign) => ENTITIES[sign])
