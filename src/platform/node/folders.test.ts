import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { diskReason, makeFolder, probeFolder } from './folders'

let parent: string
beforeAll(() => {
  parent = mkdtempSync(join(tmpdir(), 'basin-'))
})
afterAll(() => rmSync(parent, { recursive: true }))

/** What a failed attempt is in words. */
function reason(body: () => unknown): string {
  try {
    body()
  } catch (error) {
    return diskReason(error)
  }
  throw new Error('it was made')
}

it('are made with those above them, once; a probe leaves nothing', () => {
  const folder = join(parent, 'a/b/c')
  probeFolder(folder)
  expect(existsSync(join(parent, 'a'))).toBe(false)
  expect(makeFolder(folder)).toEqual([join(parent, 'a'), join(parent, 'a/b'), folder])
  expect(makeFolder(folder)).toEqual([])
  probeFolder(folder)
  expect(existsSync(folder)).toBe(true)
})

it('in the place of a file, or below one, are refused in words', () => {
  const file = join(parent, 'file')
  writeFileSync(file, '')
  expect(reason(() => makeFolder(file))).toMatch(/^a file has this name \(EEXIST/)
  expect(reason(() => probeFolder(join(file, 'x/y')))).toMatch(/^a file has the name of one of its folders/)
})

it.skipIf(!existsSync('/proc/self'))('where a system has no room for them are refused at once', () => {
  expect(reason(() => probeFolder('/proc/x/y'))).toMatch(/^no such folder can be made there \(ENOENT/)
})

/** A mount of one's own needs Linux and the right to have one. */
const canMount = (() => {
  try {
    execFileSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', '-o', 'ro', 'tmpfs', tmpdir()], {
      stdio: 'ignore',
    })
    return true
  } catch {
    console.warn('no read-only disk can be mounted here: its test is skipped')
    return false
  }
})()

it.skipIf(!canMount)('on a read-only disk are refused with its name', async () => {
  const [script, disk] = [join(parent, 'folders.mjs'), mkdtempSync(join(parent, 'disk-'))]
  await build({
    entryPoints: [join(import.meta.dirname, 'folders.ts')],
    outfile: script,
    format: 'esm',
    bundle: true,
    platform: 'node',
  })
  const attempt =
    'const { probeFolder, diskReason } = await import(process.argv[1]);' +
    'for (const at of ["", "/a/b"]) try { probeFolder(process.argv[2] + at) } catch (e) { console.log(diskReason(e)) }'
  const shell = 'mount -t tmpfs -o ro tmpfs "$1" && "$2" --input-type=module -e "$3" "$4" "$1"'
  const words = ['-rm', 'sh', '-c', shell, 'sh', disk, process.execPath, attempt, script]
  const said = execFileSync('unshare', words, { encoding: 'utf8' }).trim().split('\n')
  expect(said.length).toBe(2)
  for (const line of said) expect(line).toMatch(/^the disk is read-only \(EROFS/)
})
