import { playwright } from '@vitest/browser-playwright'
import { defineConfig, mergeConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { findChromium, TEST_ARGS } from './scripts/chromium.mjs'
import site from './vite.config.ts'

const chromium = findChromium()
// Vitest reads this file once a project, and looking takes most of a second.
if (chromium) process.env.CHROMIUM_PATH = chromium

const CORE = '@tensorflow/tfjs-core/dist'

/**
 * tfjs in Node: its ESM build, one copy, bundled once into node_modules/.vite. As it comes, some 900 modules cost every
 * test file a second.
 */
const NODE = {
  extends: true as const,
  resolve: { alias: [{ find: /^(@tensorflow\/tfjs-[a-z-]+)$/, replacement: '$1/dist/index.js' }] },
}
const IN_NODE = {
  environment: 'node' as const,
  deps: {
    optimizer: {
      ssr: {
        enabled: true,
        include: [
          `${CORE}/index.js`,
          `${CORE}/register_all_gradients`,
          `${CORE}/public/chained_ops/register_all_chained_ops`,
          ...['webgpu', 'cpu'].map((name) => `@tensorflow/tfjs-backend-${name}/dist/index.js`),
        ],
      },
    },
  },
  // Node itself reads the bundle: handed on by Vite, its inner modules would be there twice.
  server: { deps: { external: [/deps_ssr/] } },
}

/** Nothing is asserted by time: these end what hangs, on the slowest machine too. */
const PATIENT = { testTimeout: 120_000, hookTimeout: 120_000 }
const BY_OTHERS = ['**/*.gpu.test.ts', '**/*.full.test.ts']
/** Need a process of their own: they look at what is registered there, or change what all in it share. */
const ALONE = [
  'src/base/sha256.test.ts',
  'src/cli/data/dataImport.test.ts',
  'src/cli/terminal/progressView.test.ts',
  'src/core/queue/bulkReader.test.ts',
  'src/engine/naga.test.ts',
  'src/engine/ops/index*.test.ts',
  'src/platform/browser/*.test.ts',
  'src/platform/node/*Threads.test.ts',
  'src/ui/store/queueGoesOn.test.ts',
  'src/worker/client.test.ts',
  // 16-bit floats: on drivers that a browser here does not take.
  'src/**/*.f16.test.ts',
]

const GPU = '{src,conformance}/**/*.gpu.test.ts'
const inChromium = () => ({
  setupFiles: ['src/engine/device/gpuErrors.testing.ts'],
  ...PATIENT,
  browser: {
    enabled: true,
    headless: true,
    fileParallelism: false,
    screenshotFailures: false,
    provider: playwright({ launchOptions: { executablePath: chromium, args: TEST_ARGS } }),
    instances: [{ browser: 'chromium' as const }],
  },
})

/**
 * What takes long in a process of its own begins first: at the end it would leave the other cores idle. What loses its
 * devices comes last: files after it would compile their pipelines again, on another.
 */
const FIRST = '/src/engine/naga.test.ts'
const LAST = '/src/engine/device/loss.gpu.test.ts'
class InOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) =>
      Number(moduleId.endsWith(LAST)) - Number(moduleId.endsWith(FIRST))
    return (await super.sort(files)).sort((a, b) => place(a) - place(b))
  }
}
const isShuffled = process.argv.some((word) => word.startsWith('--sequence.shuffle'))

// Apart from vite.config.ts, so that building and serving the page never look for a browser.
export default mergeConfig(
  site,
  defineConfig({
    test: {
      // Vitest leaves a core free, of two as of many.
      maxWorkers: '100%',
      setupFiles: ['src/base/typedArrays.testing.ts'],
      sequence: isShuffled ? {} : { sequencer: InOrder },
      projects: [
        {
          ...NODE,
          test: {
            ...IN_NODE,
            ...PATIENT,
            name: 'node',
            include: ['{src,conformance,bench,scripts}/**/*.test.{ts,tsx}'],
            exclude: [...BY_OTHERS, ...ALONE],
            // What they import is loaded once a process, not once a file.
            isolate: false,
          },
        },
        { ...NODE, test: { ...IN_NODE, ...PATIENT, name: 'node alone', include: ALONE, exclude: BY_OTHERS } },
        // Minutes of work at real size: by hand, not in `npm test`.
        {
          ...NODE,
          test: {
            ...IN_NODE,
            name: 'full',
            include: ['src/**/*.full.test.ts'],
            setupFiles: ['src/platform/node/webGpu.testing.ts', 'src/engine/device/gpuErrors.testing.ts'],
            testTimeout: 1_800_000,
            hookTimeout: 120_000,
          },
        },
        // One page, whose device compiles a pipeline once for all files.
        { extends: true, test: { ...inChromium(), name: 'gpu', include: [GPU], isolate: false } },
      ],
    },
  }),
)
