/**
 * How [rows, columns] is shared out among invocations when every column is summed over the rows: an invocation owns
 * one column (quad of columns) of one part of the rows, and the parts' sums are added by whoever needs them.
 */
import { type Lanes, lanesOf } from '../shared/program'

export interface ReductionChoice {
  /** About so many invocations sum the rows. */
  threads: number
  /**
   * Parts of a CPU adapter are runs of rows (its invocations go one after the other, a cache line lasts); those of a
   * GPU lie row by row beside each other (its invocations go side by side, neighbours share a load).
   */
  interleaved: boolean
  /** A dispatch of its own adds up the parts; else every invocation of the next kernel does it for its column. */
  addPartsFirst: boolean
}

export interface RowParts {
  lanes: Lanes
  /** Columns, or quads of them. */
  columns: number
  copies: number
  /** What `PART_ROWS` reads. */
  uniforms: { rows: number; columns: number; copies: number; walk: [number, number]; span: number }
}

export function rowParts(rows: number, channels: number, choice: ReductionChoice): RowParts {
  const lanes = lanesOf(channels)
  const columns = channels / lanes
  // Where the next kernel adds up the parts, as many rows must repay each part.
  const most = choice.addPartsFirst ? rows / 16 : Math.sqrt(rows / 4)
  const wanted = Math.max(1, Math.floor(Math.min(choice.threads / columns, most)))
  const span = Math.ceil(rows / wanted)
  const copies = Math.ceil(rows / span)
  return {
    lanes,
    columns,
    copies,
    uniforms: {
      rows,
      columns,
      copies,
      walk: choice.interleaved ? [1, copies] : [span, 1],
      span: choice.interleaved ? rows : span,
    },
  }
}

/** Defines `copy`, `column`, `firstRow`, `lastRow` (exclusive) and `rowStep`; ends invocations too many. */
export const PART_ROWS = `
  let copy = thread / uniforms.columns;
  if (copy >= uniforms.copies) { return; }
  let column = thread % uniforms.columns;
  let firstRow = copy * uniforms.walk.x;
  let lastRow = min(firstRow + uniforms.span, uniforms.rows);
  let rowStep = uniforms.walk.y;`
