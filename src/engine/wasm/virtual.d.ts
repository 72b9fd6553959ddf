/** The kernels as base64, by scripts/kernels.mjs. */
declare module 'virtual:kernels/*' {
  const base64: string
  export default base64
}
