/** The training worker the page talks to. One that is lost, itself or its GPU, is replaced by whoever needs one next. */
import type { Reply } from '../../base/reply'
import { createLab, type Lab } from '../../worker/client'
import type { DeviceInfo, InitOptions, LabApi, LabEvent } from '../../worker/protocol'
import { linkOfAddress } from './address'
import { deviceOfAddress } from './deviceOfAddress'
import { applyEvent } from './events'
import { useLab } from './labStore'

interface Standing extends Lab {
  /** The answer to `init`. */
  ready: Promise<Reply<DeviceInfo>>
  /** Takes no more commands that need a device. */
  lost: boolean
}

let standing: Standing | undefined

/** A worker for what needs no device: also one that lost its own. @throws where the browser refuses workers */
export function livingWorker(): LabApi {
  return standing && !standing.ended() ? standing.api : stand().api
}

/** The worker once it has its device, or why it has none. @throws where the browser refuses workers */
export async function readyWorker(): Promise<Reply<LabApi>> {
  const { api, ready } = stand()
  const reply = await ready
  return reply.ok ? { ok: true, value: api } : reply
}

/** Undefined where only a new worker could answer. */
export function workerStillThere(): LabApi | undefined {
  return standing?.lost ? undefined : standing?.api
}

type Loss = Extract<LabEvent, { type: 'state' }>

let onGpuLost: (loss: Loss) => boolean = () => false

/** @param handler looks after a worker whose GPU is lost, or says that it does not */
export function whenGpuLost(handler: (loss: Loss) => boolean): void {
  onGpuLost = handler
}

/** What a worker is told beside what the address says. */
type Wish = Pick<InitOptions, 'opening' | 'prefer'>

/** A worker in the place of one that is lost, with its device or why it has none. */
export async function replacedWorker(wish: Wish): Promise<Reply<LabApi>> {
  const { api, ready } = stand(wish, true)
  const reply = await ready
  return reply.ok ? { ok: true, value: api } : reply
}

let opened = false

/** @param quiet whoever asks says what came of it */
function stand(wish: Wish = {}, quiet = false): Standing {
  if (standing && !standing.lost) return standing
  standing?.dispose()
  const lab = createLab()
  const onLost = () => {
    next.lost = true
  }
  // Only the first looks for what was going when the page was last closed.
  const opening = opened ? undefined : { link: linkOfAddress() }
  opened = true
  const next: Standing = { ...lab, lost: false, ready: init(lab, onLost, { opening, ...wish }, quiet) }
  standing = next
  return next
}

async function init(lab: Lab, onLost: () => void, wish: Wish, quiet: boolean): Promise<Reply<DeviceInfo>> {
  const reply = await lab.api.init({ ...optionsOfAddress(), ...wish }, (event) => {
    if (event.type === 'state' && event.lost) {
      onLost()
      // A worker that has ended may have done so for a reason of its own, and would again.
      if (!lab.ended() && onGpuLost(event)) return
    }
    applyEvent(event)
  })
  if (reply.ok) useLab.setState({ device: reply.value })
  else {
    onLost()
    if (!quiet) useLab.setState({ state: 'failed', problem: reply.error })
  }
  return reply
}

function optionsOfAddress(): InitOptions {
  const query = new URLSearchParams(location.search)
  return {
    prefer: deviceOfAddress(query).prefer,
    tune: (['on', 'off'] as const).find((mode) => mode === query.get('tune')),
    f16: query.get('f16') === 'on',
    datasetsUrl: new URL('datasets/', document.baseURI).href,
  }
}
