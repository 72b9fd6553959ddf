/** `?device=`: what the address asks to train on. */
const DEVICES = ['webgpu', 'wasm', 'cpu'] as const
type DeviceName = (typeof DEVICES)[number]

const WEBGL_GONE =
  'WebGL is gone: WebAssembly was ten times as fast where both were measured, on a machine without a GPU.'

/** @returns the device, if one was asked for; and what to say where it was none of ours */
export function deviceOfAddress(query: URLSearchParams): { prefer?: DeviceName; message?: string } {
  const asked = query.get('device')
  const prefer = DEVICES.find((name) => name === asked)
  if (prefer || asked === null) return { prefer }
  const gone = asked === 'webgl' ? ` ${WEBGL_GONE}` : ''
  return { message: `device: ${DEVICES.join(', ')}, got "${asked.slice(0, 60)}"; Basin chooses.${gone}` }
}
