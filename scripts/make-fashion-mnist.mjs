// Makes public/datasets/fashion_mnist/ from the four official IDX files: node scripts/make-fashion-mnist.mjs [FOLDER]
// FOLDER is where Debian's package dataset-fashion-mnist puts them unless given. The output is the same, byte for
// byte, wherever it is made: the compressor is JavaScript (fflate), and gzip headers carry no time.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync, gzipSync } from 'fflate'

const PER_SHARD = 2500

const catalog = JSON.parse(await readFile(new URL('../src/core/data/catalog.json', import.meta.url), 'utf8'))
const fashion = catalog.find(({ name }) => name === 'fashion_mnist')

// Content of the files, not of their .gz wrappers: those differ from copy to copy.
const OFFICIAL = Object.fromEntries(fashion.archives.map(({ file, sha256 }) => [file, sha256]))

const ABOUT = {
  format: 1,
  name: 'fashion_mnist',
  title: 'Fashion-MNIST',
  height: 28,
  width: 28,
  channels: 1,
  class_names: fashion.classNames,
  // The reference's values. They are MNIST's, not this set's own (0.2860, 0.3530).
  mean: [0.1307],
  std: [0.3081],
}

const ORIGIN = {
  source: 'https://github.com/zalandoresearch/fashion-mnist',
  licence: 'MIT, Copyright (c) 2017 Zalando SE, https://tech.zalando.com',
  citation:
    'Han Xiao, Kashif Rasul, Roland Vollgraf. Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms. arXiv:1708.07747, 2017.',
}

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const from = process.argv[2] ?? '/usr/share/datasets/fashion-mnist'
const to = join(root, 'public', 'datasets', 'fashion_mnist')

/** The page's own parser, shard layout and sums: what is written here is what is read there. */
async function pageCode() {
  const { build } = await import('esbuild')
  const names = {
    parseIdx: 'core/data/shards/idx',
    packShard: 'core/data/shards/shard',
    sha256: 'base/sha256',
    parseManifest: 'core/data/catalog/manifest',
  }
  const contents = Object.entries(names).map(([name, file]) => `export { ${name} } from './src/${file}'`)
  const { outputFiles } = await build({
    stdin: { contents: contents.join('\n'), resolveDir: root },
    bundle: true,
    write: false,
    format: 'esm',
    target: 'node20',
  })
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`)
}

const { parseIdx, packShard, sha256, parseManifest } = await pageCode()

/** The unpacked file, from `name.gz` or `name`. */
async function official(name) {
  let bytes
  try {
    bytes = gunzipSync(await readFile(join(from, `${name}.gz`)))
  } catch (error) {
    if (error.code !== 'ENOENT') throw new Error(`${join(from, `${name}.gz`)}: ${error.message}`)
    bytes = new Uint8Array(await readFile(join(from, name)))
  }
  const sum = await sha256(bytes)
  if (sum !== OFFICIAL[name]) throw new Error(`${name}: content has SHA-256 ${OFFICIAL[name]}, got ${sum}`)
  return { name, bytes }
}

/** An official pair of files: with their sums they belong together. */
async function readSplit(prefix) {
  const read = async (name) => parseIdx((await official(name)).bytes, name)
  const { shape, data: images } = await read(`${prefix}-images-idx3-ubyte`)
  const { data: labels } = await read(`${prefix}-labels-idx1-ubyte`)
  const [count, height, width] = shape
  return { count, height, width, images, labels }
}

/** Writes the shards of a split; returns their entries in the manifest. */
async function writeShards(split, { count, height, width, images, labels }) {
  const entries = []
  for (let first = 0; first < count; first += PER_SHARD) {
    const last = Math.min(first + PER_SHARD, count)
    const unpacked = packShard({
      images: images.subarray(first * height * width, last * height * width),
      labels: labels.subarray(first, last),
    })
    const packed = gzipSync(unpacked, { level: 9, mtime: 0 })
    const file = `${split}-${String(first / PER_SHARD).padStart(2, '0')}.bin.gz`
    await writeFile(join(to, file), packed)
    entries.push({
      file,
      split,
      count: last - first,
      packed: { bytes: packed.length, sha256: await sha256(packed) },
      unpacked: { bytes: unpacked.length, sha256: await sha256(unpacked) },
    })
  }
  return entries
}

try {
  // Everything is read and checked before anything is written.
  const train = await readSplit('train')
  const test = await readSplit('t10k')
  await mkdir(to, { recursive: true })
  for (const file of await readdir(to)) if (file.endsWith('.gz')) await rm(join(to, file))
  const shards = [...(await writeShards('train', train)), ...(await writeShards('test', test))]
  const splits = { train: train.count, test: test.count }
  const perClass = ({ labels }) =>
    ABOUT.class_names.map((_, label) => labels.reduce((sum, each) => sum + (each === label ? 1 : 0), 0))
  const class_counts = { train: perClass(train), test: perClass(test) }
  const text = `${JSON.stringify({ ...ABOUT, splits, shards, class_counts, ...ORIGIN }, null, 2)}\n`
  parseManifest(new TextEncoder().encode(text), 'manifest.json')
  await writeFile(join(to, 'manifest.json'), text)
  const megabytes = shards.reduce((sum, shard) => sum + shard.packed.bytes, 0) / 1e6
  console.log(`${shards.length} shards, ${megabytes.toFixed(1)} MB, in ${to}`)
} catch (error) {
  console.error(error.message)
  if (error.code === 'ENOENT') {
    console.error(
      'Get the four official files from https://github.com/zalandoresearch/fashion-mnist, or on Debian:',
    )
    console.error('apt-get install dataset-fashion-mnist')
  }
  process.exitCode = 1
}
