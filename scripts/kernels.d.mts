import type { Plugin } from 'vite'
export function kernels(variant: string): Promise<Buffer>
export function viteKernels(): Plugin
