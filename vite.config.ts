import { existsSync } from 'node:fs'
import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { HEADERS, KEPT_FOR_EVER, PAGE_POLICY } from './scripts/headers.mjs'
import { viteKernels } from './scripts/kernels.mjs'

export default defineConfig({
  // Relative addresses: the built folder works from any path of any web host.
  base: './',
  // One page: a missing file is a 404, not the page again.
  appType: 'mpa',
  plugins: [
    react(),
    viteKernels(),
    {
      name: 'basin-page-policy',
      transformIndexHtml: (html) => html.replace('%CONTENT_SECURITY_POLICY%', PAGE_POLICY),
      configurePreviewServer({ middlewares, config }) {
        const assets = join(config.root, config.build.outDir, 'assets')
        // Before the files: WebKit does not start a worker whose "not modified" comes without them.
        middlewares.use((request, response, next) => {
          for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value)
          const asset = /^\/assets\/([\w.-]+)$/.exec(request.url ?? '')?.[1]
          // What is not there may come: its 404 is not kept.
          if (asset && existsSync(join(assets, asset))) response.setHeader('Cache-Control', KEPT_FOR_EVER)
          next()
        })
      },
    },
  ],
  worker: {
    format: 'es',
    plugins: () => [viteKernels()],
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // Not in the workers' own scripts: WebKit would run these again when a chunk that comes later takes something from them.
            { name: 'onWire', test: /OnWire\.ts$/ },
            // What WebGPU's backend has of the plain one; else the plain one, and WebAssembly's, would load WebGPU's for it.
            { name: 'plainShared', test: /tfjs-backend-cpu\/dist\/shared\.js$/ },
          ],
        },
      },
    },
  },
  // Isolated as the built page is; its policy would stop the development client.
  server: {
    host: '127.0.0.1',
    port: 5173,
    headers: Object.fromEntries(Object.entries(HEADERS).filter(([name]) => name.startsWith('Cross-Origin'))),
  },
  preview: { host: '127.0.0.1', port: 4173 },
  build: {
    target: 'es2022',
    chunkSizeWarningLimit: 2200,
    rolldownOptions: {
      // One script to begin with, not two dozen of which each is asked for.
      output: { codeSplitting: { groups: [{ name: 'initial', tags: ['$initial'] }] } },
    },
  },
  optimizeDeps: {
    // What only the worker imports: found late, it would make a page that already trains load again.
    include: [
      '@tensorflow/tfjs-core',
      '@tensorflow/tfjs-core/dist/register_all_gradients',
      '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops',
      '@tensorflow/tfjs-backend-webgpu',
      '@tensorflow/tfjs-backend-cpu',
      '@noble/hashes/legacy.js',
      '@noble/hashes/sha2.js',
      '@noble/hashes/utils.js',
      '@jsquash/jpeg/decode.js',
      '@jsquash/jpeg/encode.js',
      '@jsquash/webp/decode.js',
      'comlink',
      'fast-bmp',
      'fflate',
      'idb',
      'jpeg-js',
      'modern-tar',
      'omggif',
      'pure-rand/generator/xoroshiro128plus',
      'zod',
    ],
  },
})
