// `npm run typecheck`: each realm's own files under its tsconfig, which has only what is there at run time, so that
// `document` in core or `node:` in a worker does not compile (scripts/realms/ holds it to that); then tests, bench and
// journeys, which may use everything. A file is checked once, where it belongs.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureDependencies } from './setup.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
await ensureDependencies(root)
const { default: ts } = await import('typescript')
const host = {
  getCanonicalFileName: (name) => name,
  getCurrentDirectory: () => root,
  getNewLine: () => '\n',
}
/** Every text is parsed once, for all realms. */
const parsed = new Map()
const checked = new Set()
let count = 0

for (const config of ['core', 'worker', 'ui', 'node']
  .map((realm) => `tsconfig.${realm}.json`)
  .concat('tsconfig.json')) {
  const { options, fileNames, errors } = ts.getParsedCommandLineOfConfigFile(join(root, config), undefined, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: (error) => {
      throw new Error(ts.formatDiagnostic(error, host))
    },
  })
  const compilerHost = ts.createCompilerHost(options)
  const { getSourceFile } = compilerHost
  compilerHost.getSourceFile = (name, ...rest) => {
    if (!parsed.has(name)) parsed.set(name, getSourceFile(name, ...rest))
    return parsed.get(name)
  }
  const program = ts.createProgram(fileNames, options, compilerHost)
  const found = [...errors, ...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics()]
  for (const name of fileNames.filter((name) => !checked.has(name))) {
    checked.add(name)
    const file = program.getSourceFile(name)
    found.push(...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file))
  }
  count += found.length
  if (found.length > 0) console.error(`${config}\n${ts.formatDiagnosticsWithColorAndContext(found, host)}`)
}
process.exitCode = count > 0 ? 1 : 0
