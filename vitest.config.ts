import { playwright } from '@vitest/browser-playwright'
import { defineConfig, mergeConfig } from 'vitest/config'
import { CHROMIUM_ARGS, findChromium } from './scripts/chromium.mjs'
import site from './vite.config'

// Apart from vite.config.ts, so that building and serving the page never look for a browser.
export default mergeConfig(
  site,
  defineConfig({
    test: {
      projects: [
        {
          extends: true,
          test: {
            name: 'node',
            include: ['{src,conformance,bench,scripts}/**/*.test.{ts,tsx}'],
            exclude: ['**/*.gpu.test.ts', '**/*.full.test.ts', '**/*.f16.test.ts'],
            environment: 'node',
            testTimeout: 60_000,
            hookTimeout: 60_000,
            // tfjs-core must be one copy: through Vite it is always the ESM build.
            server: { deps: { inline: [/@tensorflow/] } },
          },
        },
        // Minutes of work at real size: by hand, not in `npm test`.
        {
          extends: true,
          test: {
            name: 'full',
            include: ['src/**/*.full.test.ts'],
            environment: 'node',
            setupFiles: ['src/platform/node/webGpu.testing.ts', 'src/engine/device/gpuErrors.testing.ts'],
            testTimeout: 1_800_000,
            hookTimeout: 120_000,
            server: { deps: { inline: [/@tensorflow/] } },
          },
        },
        {
          extends: true,
          test: {
            // 16-bit floats: in Node, on drivers that a browser here does not take.
            name: 'f16',
            include: ['src/**/*.f16.test.ts'],
            environment: 'node',
            testTimeout: 120_000,
            server: { deps: { inline: [/@tensorflow/] } },
          },
        },
        {
          extends: true,
          test: {
            name: 'gpu',
            include: ['{src,conformance}/**/*.gpu.test.ts'],
            setupFiles: ['src/engine/device/gpuErrors.testing.ts'],
            testTimeout: 120_000,
            browser: {
              enabled: true,
              headless: true,
              screenshotFailures: false,
              provider: playwright({
                launchOptions: { executablePath: findChromium(), args: CHROMIUM_ARGS },
              }),
              instances: [{ browser: 'chromium' }],
            },
          },
        },
      ],
    },
  }),
)
