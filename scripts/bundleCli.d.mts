export function bundleCli(root: string, outdir: string): Promise<string>
