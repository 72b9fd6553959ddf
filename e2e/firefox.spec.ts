/** The first visit in a browser that Playwright does not drive, where it is installed. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { address, expect, SMALL_RUN, test } from './lab'

const FIREFOX = process.env.FIREFOX_PATH ?? '/usr/bin/firefox-esr'

test('Firefox trains, pauses, is reloaded, goes on, shows slices and hands out weights', async ({
  baseURL,
}) => {
  test.skip(!existsSync(FIREFOX), `no Firefox at ${FIREFOX} (apt-get install firefox-esr, or FIREFOX_PATH)`)
  test.setTimeout(240_000)
  const visited = new URL(address({ ...SMALL_RUN, num_epochs: '150' }), baseURL).href
  const child = spawn(process.execPath, ['scripts/visit.mjs', 'firefox', visited])
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text))
  const status = await new Promise((resolve) => child.on('close', resolve))
  expect(status, said).toBe(0)
  expect(said).toMatch(/WebAssembly/)
  expect(said).toMatch(/weights: \d+ bytes, .*Dense_0\/kernel/)
})
