import { defineConfig } from '@playwright/test'
import { findChromium, TEST_ARGS } from './scripts/chromium.mjs'

const PORT = Number(process.env.BASIN_TEST_PORT ?? 4179)

export default defineConfig({
  testDir: 'e2e',
  fullyParallel: true,
  workers: 2,
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 30_000 },
  reporter: [['line'], ['json', { outputFile: 'test-results/e2e.json' }]],
  use: {
    baseURL: `http://127.0.0.1:${PORT}`,
    viewport: { width: 1440, height: 900 },
    launchOptions: { executablePath: findChromium(), args: TEST_ARGS },
    trace: 'off',
  },
  // The built page, served as a person gets it; `npm test` has built it before.
  webServer: {
    command: `${process.env.BASIN_BUILT ? '' : 'npm run build && '}npx vite preview --port ${PORT} --strictPort`,
    url: `http://127.0.0.1:${PORT}`,
    timeout: 180_000,
    reuseExistingServer: false,
  },
})
