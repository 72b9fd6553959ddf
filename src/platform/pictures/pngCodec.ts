/**
 * An instance of the png crate's build in @jsquash/png. Its own wrapper keeps one instance for good; but a panic at a
 * damaged file leaves the stack and the memory as they were in the middle of it, and some hundred of them leave none.
 */
import type { DecodedImage } from '../../core/ports'

interface PngExports {
  memory: WebAssembly.Memory
  decode(at: number, length: number): void
  __wbindgen_malloc(bytes: number, align: number): number
  __wbindgen_free(at: number, bytes: number, align: number): void
}

/** @returns a decoder that is not to be asked again once it has thrown */
export function startPng(module: WebAssembly.Module): (bytes: Uint8Array) => DecodedImage {
  let decoded: DecodedImage | undefined
  /** new ImageData(pixels, width, height), which takes over the pixels' memory. */
  const newImageData = (at: number, length: number, width: number, height: number) => {
    decoded = { width, height, rgba: new Uint8ClampedArray(png.memory.buffer, at >>> 0, length).slice() }
    png.__wbindgen_free(at, length, 1)
    return 0
  }
  const imports: WebAssembly.ModuleImports = {}
  for (const { name } of WebAssembly.Module.imports(module)) {
    // Names end in a sum that differs from build to build.
    imports[name] = name.startsWith('__wbg_newwithownedu8clampedarray') ? newImageData : refuse
  }
  const instance = new WebAssembly.Instance(module, { wbg: imports })
  const png = instance.exports as unknown as PngExports
  return (bytes) => {
    decoded = undefined
    const at = png.__wbindgen_malloc(bytes.length, 1) >>> 0
    new Uint8Array(png.memory.buffer, at, bytes.length).set(bytes)
    png.decode(at, bytes.length)
    if (!decoded) throw new Error('png: no pixels')
    return decoded
  }
}

function refuse(): never {
  throw new Error('png: a function of the host that decoding has no need of')
}
