/** Room for what a plain kernel needs in between, kept from call to call: made anew, it costs more than being filled. */
export class Scratch {
  #room = new Float64Array(0)

  /** @returns `length` values of whatever was there before; what it gave out last is overwritten */
  take(length: number): Float64Array<ArrayBuffer> {
    if (this.#room.length < length) this.#room = new Float64Array(length)
    return this.#room.subarray(0, length)
  }
}
