/** WGSL wants its directives before all else, but tfjs writes declarations of its own before a program's text. */

const DIRECTIVE = /^[ \t]*(?:enable|requires|diagnostic)\b[^;]*;/gm

/** The same WGSL with its directives at the top. */
export function directivesFirst(code: string): string {
  const directives = code.match(DIRECTIVE)
  return directives ? [...directives, code.replace(DIRECTIVE, '')].join('\n') : code
}

/** From now on the device takes modules whose directives stand anywhere. */
export function acceptDirectives(device: GPUDevice): void {
  const create = device.createShaderModule.bind(device)
  device.createShaderModule = (descriptor) =>
    create({ ...descriptor, code: directivesFirst(descriptor.code) })
}
