// Finds a Chromium for the browser tests and says how to start it with WebGPU on a machine without a GPU.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const runningAsRoot = process.getuid?.() === 0
const mayInstall = runningAsRoot && existsSync('/etc/debian_version')

/** Flags that give headless Chromium a WebGPU adapter (SwiftShader) and keep it off the network. */
export const CHROMIUM_ARGS = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
  ...(runningAsRoot ? ['--no-sandbox'] : []),
]

/**
 * What tests add: kernels write what threads share before they read it, and that it is zero before takes SwiftShader's
 * compiler longer than all the rest of some of them.
 */
export const TEST_ARGS = [...CHROMIUM_ARGS, '--enable-dawn-features=disable_workgroup_init']

function playwrightOwn() {
  const program = "import('@playwright/test').then((m) => console.log(m.chromium.executablePath()))"
  const { stdout } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' })
  return stdout?.trim()
}

function onPath(name) {
  const { stdout } = spawnSync(process.platform === 'win32' ? 'where' : 'which', [name], { encoding: 'utf8' })
  return stdout?.split('\n')[0].trim()
}

/**
 * Path of the first Chromium found: CHROMIUM_PATH, Playwright's own, the system's; undefined if there is none.
 * @param whole one that people use, not what tests take first: a shell without windows, which is the lighter
 */
export function findChromium({ whole = false } = {}) {
  const candidates = [
    () => process.env.CHROMIUM_PATH,
    playwrightOwn,
    () => !whole && onPath('chromium-headless-shell'),
    () => onPath('chromium'),
    () => onPath('google-chrome'),
    () => '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ]
  for (const candidate of candidates) {
    const path = candidate()
    if (path && existsSync(path)) return path
  }
  return undefined
}

const aptInstall = (what) => `DEBIAN_FRONTEND=noninteractive apt-get install -y ${what}`

/** Beside Debian's Chromium its shell, of the same version, if it can be had at once. */
function addShell() {
  console.error(
    'Chromium’s shell without windows is lighter: trying apt-get install chromium-headless-shell…',
  )
  const version = `"$(dpkg-query -W -f '\${Version}' chromium)"`
  spawnSync('sh', ['-c', aptInstall(`chromium-headless-shell=${version}`)], { stdio: ['ignore', 2, 2] })
}

/** Like `findChromium`, but tries to install one first; prints one sentence and exits when nothing works. */
export function requireChromium() {
  const found = findChromium()
  if (found && mayInstall && !process.env.CHROMIUM_PATH && found === onPath('chromium')) {
    addShell()
    return findChromium()
  }
  if (found) return found
  console.error('No Chromium found; trying Playwright’s download…')
  spawnSync('npx', ['playwright', 'install', 'chromium'], { stdio: ['ignore', 2, 2], timeout: 300_000 })
  if (findChromium()) return findChromium()
  if (mayInstall) {
    console.error('Trying apt-get install chromium-headless-shell, or chromium…')
    const script = `apt-get update; ${aptInstall('chromium-headless-shell')} || ${aptInstall('chromium')}`
    spawnSync('sh', ['-c', script], { stdio: ['ignore', 2, 2] })
    if (findChromium()) return findChromium()
  }
  console.error('The browser tests need Chromium or Google Chrome: install it, or name it in CHROMIUM_PATH.')
  process.exit(1)
}
