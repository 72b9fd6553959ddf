// Bundles the command line and its threads with esbuild: one copy of TensorFlow.js, TypeScript without a build step.
import { join } from 'node:path'
import { build } from 'esbuild'
import { esbuildKernels } from './kernels.mjs'

/**
 * @param outdir below the repository, so that what is not bundled is found in its node_modules
 * @returns the path of the command line
 */
export async function bundleCli(root, outdir) {
  await build({
    entryPoints: {
      main: join(root, 'src/cli/main.ts'),
      batchThread: join(root, 'src/platform/node/batchThread.ts'),
      pictureThread: join(root, 'src/platform/node/pictureThread.ts'),
    },
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    mainFields: ['module', 'main'],
    // What is there once installed, and asked for by some commands alone.
    external: ['webgpu', 'vite', 'bullmq', 'ioredis', '@bull-board/*', 'express'],
    plugins: [esbuildKernels],
    // Beside the bundle: inside, it would be read at each start, whoever wants it or not.
    sourcemap: 'linked',
    logLevel: 'warning',
    banner: {
      // Named so that no bundled module (fflate) declares the same.
      js: "import { createRequire as basinCreateRequire } from 'node:module'; const require = basinCreateRequire(import.meta.url);",
    },
  })
  return join(outdir, 'main.mjs')
}
