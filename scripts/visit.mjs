// A first visit in a browser that Playwright does not drive: `node scripts/visit.mjs firefox|webkit [ADDRESS]`.
// Opens the page and goes through it as a person would: trains, pauses, reloads, goes on, looks at slices, takes the
// weights home; prints what it met. `e2e/firefox.spec.ts` runs it. How to set up: docs/browsers.md.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { preview } from 'vite'

const SMALL = '?num_train_examples=512&num_eval_examples=256&num_epochs=150&mlp_layers=32'
const LIMIT_S = 120
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
  const { default: puppeteer } = await import('puppeteer-core')
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

/** Alerts, and what the page says of its device and of storage. */
const READ_PAGE = `return [
  ...[...document.querySelectorAll('[role=alert]')].map((each) => each.innerText.trim()),
  ...document.body.innerText.split('\\n').filter((line) => /WebGPU|WebAssembly|JavaScript|every visit/.test(line)),
].join('\\n')`
const FIND = (what, name) => `const found = [...document.querySelectorAll('${what}')]
  .find((each) => each.textContent.trim().match(${name}) && !each.disabled)`
/** What the page hands out as a file: its first bytes, and how many there are. */
const CATCH_FILES = `const make = URL.createObjectURL.bind(URL)
  URL.createObjectURL = (blob) => {
    blob.arrayBuffer().then((bytes) => {
      window.caught = { size: bytes.byteLength, start: [...new Uint8Array(bytes).subarray(0, 4096)] }
    })
    return make(blob)
  }`

async function click(browser, what, name) {
  const done = await until(
    () => browser.evaluate(`${FIND(what, name)}; found?.click(); return Boolean(found)`),
    30,
  )
  if (!done) throw new Error(`no ${name} to click`)
}

async function expectState(browser, state) {
  const read = `return document.querySelector('[role=status][data-state]')?.dataset.state`
  const reached = await until(async () => (await browser.evaluate(read)) === state, LIMIT_S)
  if (!reached) throw new Error(`${state} expected, ${await browser.evaluate(read)} after ${LIMIT_S} s`)
}

async function expectThere(browser, what, selector) {
  const there = () =>
    browser.evaluate(`return document.querySelectorAll(${JSON.stringify(selector)}).length > 0`)
  if (!(await until(there, LIMIT_S))) throw new Error(`${what}: none after ${LIMIT_S} s`)
  console.log(`${what}: there`)
}

/** The tensors' names of a safetensors file, by its header. */
function tensorsOf({ start }) {
  const bytes = Buffer.from(start)
  const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE(0))).toString())
  return Object.keys(header).filter((name) => name !== '__metadata__')
}

async function visit(browser, address) {
  await browser.goto(address)
  const started = Date.now()
  await click(browser, 'button', /^Train$/)
  await expectState(browser, 'training')
  // A chart is first drawn where somebody sees it.
  await expectThere(browser, 'figures', '#curves-title')
  await browser.evaluate(`document.getElementById('curves-title').scrollIntoView()`)
  await expectThere(browser, 'curves', '.curve-sam path')
  await click(browser, 'button', /^Pause$/)
  await expectState(browser, 'paused')
  await browser.evaluate('setTimeout(() => location.reload())')
  await expectState(browser, 'interrupted')
  console.log('reloaded: the run stands there')
  await click(browser, 'button', /^Continue$/)
  await expectState(browser, 'finished')
  console.log(`finished ${((Date.now() - started) / 1000).toFixed(1)} s after Train`)
  await click(browser, 'a', /^Landscape$/)
  await expectThere(browser, '1-D slice', 'figure .curve-sam path')
  await expectThere(browser, '2-D slice', '.basins canvas')
  await browser.evaluate(CATCH_FILES)
  await click(browser, 'a', /^Train$/)
  await click(browser, 'button', /^Export weights$/)
  await click(browser, '[role=menuitem]', /SAM.*safetensors/)
  const file = await until(() => browser.evaluate('return window.caught'), 30)
  if (!file) throw new Error('no weights were handed out')
  console.log(`weights: ${file.size} bytes, ${tensorsOf(file).join(', ')}`)
}

const drivers = { firefox, webkit }
const [kind, address] = process.argv.slice(2)
if (!drivers[kind]) {
  console.error('node scripts/visit.mjs firefox|webkit [ADDRESS]')
  process.exit(2)
}
const browser = await drivers[kind]()
console.log(browser.name)
// The built page, unless an address was given.
const server = address ? undefined : await preview({ root: dirname(dirname(fileURLToPath(import.meta.url))) })
try {
  await visit(browser, address ?? new URL(SMALL, server.resolvedUrls.local[0]).href)
} catch (error) {
  console.error(`FAILED: ${error.message}`)
  process.exitCode = 1
} finally {
  console.log(await browser.evaluate(READ_PAGE).catch(() => ''))
  await browser.close()
  await server?.close()
}
