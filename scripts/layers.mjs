// Who may import whom. Every import of the sources, types too, is held against this table; tests may look anywhere.
//   node scripts/layers.mjs          says what is against it (a part of `npm run lint` and of `npm test`)
//   node scripts/layers.mjs --draw   prints the rooms and their imports as a mermaid diagram
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync, Visitor } from 'vite'

/** The house from the ground up: a room, a folder or a file, may import those that stand before it. */
const ROOMS = `
src/base
src/engine/tf
src/engine/device
src/engine/wasm
src/engine/capture
src/engine/tuning
src/engine/ops
src/engine/profile
src/engine/backend.ts
src/core/zodConfig.ts
src/core/zod.ts
src/core/settingTypes.ts
src/core/fieldMeta.ts
src/core/optim/slots.ts
src/core/optim/methods
src/core/ports.ts
src/core/config
src/core/formats
src/core/models
src/core/data
src/core/optim
src/core/step
src/core/queue
src/core/evaluation
src/core/runs
src/core/plan
src/core/landscape/hessian.ts
src/core/landscape/curvature/edges.ts
src/core/landscape/curvature/edgesOfRun.ts
src/core/landscape/curvature/operator.ts
src/core/landscape/curvature/objective.ts
src/core/landscape/curvature/tridiagonal.ts
src/core/landscape/curvature/basis.ts
src/core/landscape/curvature/krylov.ts
src/core/landscape/curvature/eigenvalues.ts
src/core/session
src/core/weights
src/core/library
src/core/landscape
src/platform/threadPool.ts
src/platform/pictures
src/platform/browser
src/platform/node
src/worker/wire.ts
src/worker/rgba.ts
src/worker/threads
src/worker/keptWeights.ts
src/worker/dataProtocol.ts
src/worker/protocol.ts
src/worker/libraryProtocol.ts
src/worker/data
src/worker/library
src/worker/lab
src/worker/client.ts
src/worker/dataClient.ts
src/worker/libraryClient.ts
src/cli/terminal
src/cli/data
src/cli/runs
src/cli/sweep
src/cli/commands
conformance
src/cli/main.ts
src/ui
bench`
  .trim()
  .split('\n')

/** What a room does not see of the rooms before it, and of that what it sees all the same. */
const HIDDEN = {
  'src/platform': { from: ['src/engine'] },
  'src/platform/node': { from: ['src/platform/browser'] },
  'src/worker': { from: ['src/platform/node'] },
  conformance: { from: ['src/platform/browser', 'src/worker'] },
  'src/cli': { from: ['src/platform/browser', 'src/worker'] },
  'src/ui': {
    from: ['src', 'conformance'],
    but: [
      'src/base',
      'src/core/config',
      'src/core/fieldMeta.ts',
      'src/core/formats',
      'src/core/optim/methods',
      'src/core/runs',
      'src/core/weights/newestCheckpoint.ts',
      ...['client', 'dataClient', 'libraryClient'].map((file) => `src/worker/${file}.ts`),
      ...['protocol', 'dataProtocol', 'libraryProtocol'].map((file) => `src/worker/${file}.ts`),
    ],
  },
}

/** The only rooms that may take a package; one that is not named here may be taken anywhere. */
const PACKAGES = {
  '@tensorflow/': ['src/engine', 'bench'],
  webgpu: ['src/platform/node', 'bench'],
  zod: ['src/core/zodConfig.ts', 'src/core/zod.ts', 'src/core/settingTypes.ts'],
  comlink: ['src/platform', 'src/worker'],
  idb: ['src/platform/browser'],
  'node:': ['src/platform/node', 'conformance', 'src/cli', 'bench'],
  commander: ['src/cli', 'conformance', 'bench'],
  'cli-progress': ['src/cli'],
  bullmq: ['src/cli/sweep'],
  ioredis: ['src/cli/sweep'],
  '@bull-board/': ['src/cli/sweep'],
  express: ['src/cli/sweep'],
  react: ['src/ui'],
  'react-dom': ['src/ui'],
  '@mantine/': ['src/ui'],
  '@tabler/': ['src/ui'],
  recharts: ['src/ui'],
  'plotly.js': ['src/ui'],
  'plotly.js-gl3d-dist-min': ['src/ui'],
  '@tanstack/': ['src/ui'],
  zustand: ['src/ui'],
}

const within = (path, room) => path === room || path.startsWith(`${room}/`)
const roomOf = (path) => ROOMS.find((room) => within(path, room))
const packageIs = (specifier, name) =>
  /[/:]$/.test(name) ? specifier.startsWith(name) : specifier === name || specifier.startsWith(`${name}/`)

/** Why a file may not import another, or a package; undefined where it may. */
export function objection(file, target, isPackage = false) {
  if (isPackage) {
    const [name, rooms] = Object.entries(PACKAGES).find(([name]) => packageIs(target, name)) ?? []
    if (name === undefined || rooms.some((room) => within(file, room))) return undefined
    return `${target} is for ${rooms.join(', ')}`
  }
  const [from, to] = [roomOf(file), roomOf(target)]
  if (!from || !to) return `${from ? target : file} stands in no room of scripts/layers.mjs`
  if (ROOMS.indexOf(to) > ROOMS.indexOf(from)) return `${to} stands above ${from}`
  for (const [room, { from: hidden, but = [] }] of Object.entries(HIDDEN)) {
    if (!within(file, room) || within(target, room)) continue
    const sees = but.some((seen) => within(target, seen))
    if (!sees && hidden.some((one) => within(target, one))) return `${room} does not see ${to}`
  }
  return undefined
}

/** Specifiers of all imports of a source text, types, re-exports and `import()` among them. */
export function importsOf(path, text) {
  const { program, errors } = parseSync(path, text)
  if (errors.length > 0) throw new Error(`${path}: ${errors[0].message}`)
  const found = []
  const note = ({ source }) => {
    if (source?.type === 'Literal') found.push(source.value)
  }
  new Visitor({
    ImportDeclaration: note,
    ExportNamedDeclaration: note,
    ExportAllDeclaration: note,
    ImportExpression: note,
    TSImportType: note,
  }).visit(program)
  return found
}

const slashed = (path) => path.replaceAll('\\', '/')

/** @returns files by path, each with what it imports: paths of other files, and packages */
function readHouse(root) {
  const files = ['src', 'conformance', 'bench']
    .flatMap((top) =>
      readdirSync(join(root, top), { recursive: true }).map((path) => posix.join(top, slashed(path))),
    )
    .filter((path) => /\.tsx?$/.test(path) && !/\.(test|testing|d)\.tsx?$/.test(path))
  const known = new Set(files)
  return new Map(
    files.map((path) => {
      const imports = importsOf(path, readFileSync(join(root, path), 'utf8')).map((specifier) => {
        if (!specifier.startsWith('.')) return { target: specifier, isPackage: true }
        const base = posix.join(posix.dirname(path), specifier)
        const names = [base, `${base}.ts`, `${base}.tsx`, `${base}/index.ts`]
        return { target: names.find((name) => known.has(name)) ?? base }
      })
      return [path, imports]
    }),
  )
}

/** Every way round: paths of files that import each other, the first of them again at the end. */
function circles(house) {
  const [done, found, way] = [new Set(), [], []]
  const visit = (path) => {
    if (way.includes(path)) found.push([...way.slice(way.indexOf(path)), path])
    if (done.has(path) || way.includes(path)) return
    way.push(path)
    for (const { target } of house.get(path) ?? []) visit(target)
    way.pop()
    done.add(path)
  }
  for (const path of house.keys()) visit(path)
  return found
}

/** @returns a line for each import that is against the table, and for each circle */
export function complaints(house) {
  const lines = []
  for (const [path, imports] of house) {
    for (const { target, isPackage } of imports) {
      // Styles, tables and pictures belong to the file that takes them.
      if (!isPackage && !house.has(target)) continue
      const why = objection(path, target, isPackage)
      if (why) lines.push(`${path} imports ${target}: ${why}`)
    }
  }
  return [...lines, ...circles(house).map((way) => `a circle: ${way.join(' → ')}`)]
}

/** The rooms as boxes, an arrow from each to what it imports; arrows that others imply are left out. */
function drawing(house) {
  const arrows = new Map(ROOMS.map((room) => [room, new Set()]))
  for (const [path, imports] of house) {
    for (const { target, isPackage } of imports) {
      if (!isPackage && house.has(target) && roomOf(target) !== roomOf(path)) {
        arrows.get(roomOf(path)).add(roomOf(target))
      }
    }
  }
  const reach = (room) => new Set([...arrows.get(room)].flatMap((next) => [next, ...reach(next)]))
  const lines = [...arrows].flatMap(([room, targets]) => {
    const implied = new Set([...targets].flatMap((target) => [...reach(target)]))
    return [...targets].filter((target) => !implied.has(target)).map((target) => `  ${room} --> ${target}`)
  })
  return ['flowchart TD', ...lines].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const house = readHouse(dirname(dirname(fileURLToPath(import.meta.url))))
  const lines = complaints(house)
  if (process.argv.includes('--draw')) console.log(drawing(house))
  else for (const line of lines) console.error(line)
  process.exitCode = lines.length > 0 ? 1 : 0
}
