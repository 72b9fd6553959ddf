/**
 * Vulkan's loader where only a browser brought one: Debian's Chromium has it beside its SwiftShader, in a folder where
 * Dawn does not look.
 */
import { constants } from 'node:os'

const NAME = 'libvulkan.so.1'
const CHROMIUMS = `/usr/lib/chromium/${NAME}`

/** glibc's: what was loaded stays, though Node finds no module of its own in it and lets it go. */
const RTLD_NODELETE = 0x1000

/** Where the system has none, Chromium's is what whoever asks for the library by its name is given from now on. */
export function lendVulkanLoader(): void {
  if (process.platform === 'linux' && !load(NAME)) load(CHROMIUMS)
}

function load(library: string): boolean {
  const { RTLD_NOW, RTLD_GLOBAL } = constants.dlopen
  try {
    process.dlopen({ exports: {} }, library, RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE)
  } catch (error) {
    // That it is no module of Node's is said of every library that was found.
    return !/cannot open shared object file/.test((error as Error).message)
  }
  return true
}
