/** Set-up of GPU tests that run in Node, on the driver that VK_ICD_FILENAMES names or Chromium's SwiftShader. */
import { provideWebGpu } from './webGpu'

const missing = await provideWebGpu()
if (missing !== undefined) throw new Error(missing)
