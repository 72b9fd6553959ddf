/** The labels of a split. */

/** Class indices; 16 bits where there are more than 256 classes. */
export type Labels = Uint8Array | Uint16Array

/** Room for `count` labels of so many classes. */
export const labelArray = (count: number, classes: number): Labels =>
  classes > 256 ? new Uint16Array(count) : new Uint8Array(count)
