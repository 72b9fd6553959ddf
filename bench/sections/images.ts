/**
 * Images a second on one thread, from stored bytes to the normalised batch: every augmentation, and every format from
 * its archive to stored shards. Beside Pillow or torchvision, whichever the named Python has.
 */
import { join } from 'node:path'
import { type AlternateOptions, alternate, messageOf, type Outcome, type Runner, within } from '../alternate'
import type { Arena } from '../arena'
import type { Host } from '../hosts/host'
import { startPython } from '../hosts/processes'
import { IMAGE_PEERS, type ImagePeer, type Row } from '../report'
import type { Figure, PeerFigure } from '../stats'
import { AUGMENTATIONS, augmentationRunner, type Case, SIDE } from './imageAugmentations'
import { FORMATS, formatRunner } from './imageFormats'

const BATCH = 128

export async function images(arena: Arena): Promise<void> {
  const peers = await openPeers(arena)
  try {
    for (const { name, peer } of AUGMENTATIONS) {
      const own = augmentationRunner(name)
      await compare(
        arena,
        `images_per_second_${name}`,
        SIDE,
        own,
        peers,
        peer && { ...peer, policy: policyPath(arena) },
      )
    }
    for (const format of FORMATS) {
      const runner = await formatRunner(arena.root, format)
      await compare(arena, `import_${format.name}`, format.side, runner, peers, format.peer?.(arena.root))
    }
  } finally {
    for (const { host } of peers) await host.close()
  }
}

const policyPath = ({ root }: Arena) => join(root, 'src/core/data/augment/policies/cifar.json')

interface Peer {
  name: ImagePeer
  host: Host
}

/** Those that the named Python has; a missing one is said and left out. */
async function openPeers(arena: Arena): Promise<Peer[]> {
  const python = process.env.BENCH_TORCH_PYTHON
  if (!python) arena.say('  peers: BENCH_TORCH_PYTHON names no Python')
  const peers: Peer[] = []
  for (const name of IMAGE_PEERS) {
    // --peers none means these too.
    if (!python || arena.options.peers.length === 0) continue
    const host = startPython(name, python, join(arena.root, 'bench/peers/image_peer.py'), [name])
    try {
      arena.say(`  ${await within(host.open(), 60_000)}`)
      peers.push({ name, host })
    } catch (error) {
      arena.say(`  ${name}: ${messageOf(error).slice(-120)}`)
      await host.close()
    }
  }
  return peers
}

async function compare(
  arena: Arena,
  name: string,
  side: number,
  own: Runner['run'],
  peers: readonly Peer[],
  peerCase: Case | undefined,
): Promise<void> {
  const runners: Runner[] = [{ name: 'basin', run: own }]
  const refused = new Map<ImagePeer, string>()
  for (const { name: peer, host } of peerCase ? peers : []) {
    try {
      await host.ask('build', { id: name, side, ...peerCase })
      runners.push({ name: peer, run: (minMs) => host.run(name, minMs) })
    } catch (error) {
      refused.set(peer, messageOf(error))
    }
  }
  const limits: AlternateOptions = {
    seconds: Math.min(arena.options.seconds / 5, arena.secondsLeft()),
    turnMs: 150,
    limitSeconds: arena.options.limit,
  }
  await own(50)
  arena.add([row(name, side, await alternate(runners, limits), refused)])
}

function row(
  name: string,
  side: number,
  outcomes: ReadonlyMap<string, Outcome>,
  refused: ReadonlyMap<ImagePeer, string>,
): Row {
  const basin = rate(outcomes.get('basin')!)
  const peers: Partial<Record<ImagePeer, PeerFigure>> = {}
  for (const peer of IMAGE_PEERS) {
    const error = refused.get(peer)
    const outcome = outcomes.get(peer)
    if (error) peers[peer] = { error }
    if (!outcome) continue
    const figure = rate(outcome)
    if ('error' in figure || 'error' in basin) peers[peer] = { error: 'not measured' }
    else peers[peer] = { ...figure, ratio: figure.median / basin.median }
  }
  return { name, model: '', batch: BATCH, shape: `${side}x${side}`, unit: '1/s', basin, peers }
}

/** From ms an image to images a second; the least is that of the slowest round that counts, the median. */
function rate(outcome: Outcome): Figure | { error: string } {
  if ('error' in outcome) return outcome
  const median = Math.round(1000 / outcome.median)
  return { min: median, median }
}
