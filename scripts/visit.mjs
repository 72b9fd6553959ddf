// A first visit in a browser that the tests do not drive: `node scripts/visit.mjs firefox|webkit [ADDRESS]`.
// Opens the page, clicks Train, waits for the run's end and prints what the page says. How to set up: docs/browsers.md.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { preview } from 'vite'

const TINY = '?num_train_examples=512&num_eval_examples=256&num_epochs=2&mlp_layers=32'
const LIMIT_S = 300
const FIREFOX = process.env.FIREFOX_PATH ?? '/usr/bin/firefox-esr'
const MINI_BROWSER = `${process.env.MINI_BROWSER ?? '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1'}/MiniBrowser`

/** Nothing to test with is no failure, but it is said. */
function skip(why) {
  console.log(`SKIPPED: ${why}`)
  process.exit(0)
}

/** Firefox, by WebDriver BiDi. */
async function firefox() {
  if (!existsSync(FIREFOX)) skip(`no Firefox at ${FIREFOX} (apt-get install firefox-esr, or FIREFOX_PATH)`)
  const { default: puppeteer } = await import('puppeteer-core').catch(() =>
    skip('no puppeteer-core (npm install --no-save puppeteer-core)'),
  )
  const browser = await puppeteer.launch({
    browser: 'firefox',
    protocol: 'webDriverBiDi',
    executablePath: FIREFOX,
    headless: true,
  })
  const page = await browser.newPage()
  return {
    name: await browser.version(),
    goto: (address) => page.goto(address),
    evaluate: (script) => page.evaluate(`(() => { ${script} })()`),
    close: () => browser.close(),
  }
}

/** WebKitGTK, by WebDriver over HTTP. */
async function webkit() {
  if (!existsSync(MINI_BROWSER))
    skip(`no ${MINI_BROWSER} (apt-get install webkit2gtk-driver, or MINI_BROWSER)`)
  const [display, port] = [`:${77 + (process.pid % 900)}`, 20_000 + (process.pid % 10_000)]
  const env = {
    ...process.env,
    DISPLAY: display,
    // The sandbox does not start as root.
    WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
    WEBKIT_DISABLE_COMPOSITING_MODE: '1',
  }
  const programs = [
    ['Xvfb', [display, '-screen', '0', '1440x900x24']],
    ['WebKitWebDriver', [`--port=${port}`]],
  ].map(([program, args]) => {
    const child = spawn(program, args, { env, stdio: 'ignore' })
    child.on('error', () => skip(`no ${program} (apt-get install webkit2gtk-driver xvfb)`))
    return child
  })
  const ask = async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      body: body && JSON.stringify(body),
    })
    const { value } = await response.json()
    if (!response.ok) throw new Error(`${path}: ${value.error} ${value.message}`)
    return value
  }
  await until(
    () =>
      ask('GET', '/status').then(
        () => true,
        () => false,
      ),
    10,
  )
  const { sessionId, capabilities } = await ask('POST', '/session', {
    capabilities: {
      alwaysMatch: { 'webkitgtk:browserOptions': { binary: MINI_BROWSER, args: ['--automation'] } },
    },
  })
  const session = `/session/${sessionId}`
  return {
    name: `${capabilities.browserName} ${capabilities.browserVersion}`,
    goto: (url) => ask('POST', `${session}/url`, { url }),
    evaluate: (script) => ask('POST', `${session}/execute/sync`, { script, args: [] }),
    async close() {
      await ask('DELETE', session).catch(() => {})
      for (const child of programs) child.kill()
    },
  }
}

/** @returns the first answer that is not falsy, or undefined when the time is up */
async function until(answer, seconds) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
    const value = await answer()
    if (value) return value
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}

const FIND_TRAIN = `const train = [...document.querySelectorAll('button')].find((each) => each.textContent.trim() === 'Train')
  if (!train || train.disabled) return false`
const READ_STATE = `return document.querySelector('[role=status][data-state]')?.dataset.state`
/** Alerts, and what the page says of its device and of storage. */
const READ_PAGE = `return [
  ...[...document.querySelectorAll('[role=alert]')].map((each) => each.innerText.trim()),
  ...document.body.innerText.split('\\n').filter((line) => /WebGPU|WebGL|WebAssembly|JavaScript|every visit/.test(line)),
].join('\\n')`

const drivers = { firefox, webkit }
const [kind, address] = process.argv.slice(2)
if (!drivers[kind]) {
  console.error('node scripts/visit.mjs firefox|webkit [ADDRESS]')
  process.exit(2)
}
const browser = await drivers[kind]()
// The built page, unless an address was given.
const server = address ? undefined : await preview({ root: dirname(dirname(fileURLToPath(import.meta.url))) })
try {
  await browser.goto(address ?? new URL(TINY, server.resolvedUrls.local[0]).href)
  if (!(await until(() => browser.evaluate(`${FIND_TRAIN}; return true`), 60)))
    throw new Error('no Train button')
  const start = Date.now()
  await browser.evaluate(`${FIND_TRAIN}; train.click()`)
  const ended = async () => /finished|failed/.exec(await browser.evaluate(READ_STATE))?.[0]
  const state = await until(ended, LIMIT_S)
  console.log(`${browser.name}: ${state ?? 'no end'} after ${((Date.now() - start) / 1000).toFixed(1)} s`)
  console.log(await browser.evaluate(READ_PAGE))
  process.exitCode = state === 'finished' ? 0 : 1
} finally {
  await browser.close()
  await server?.close()
}
