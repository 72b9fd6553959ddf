/** The training worker the page talks to. One that is lost, itself or its GPU, is replaced by whoever needs one next. */
import { createLab, type Lab } from '../../worker/client'
import type { DeviceInfo, InitOptions, LabApi, Reply } from '../../worker/protocol'
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

function stand(): Standing {
  if (standing && !standing.lost) return standing
  standing?.dispose()
  const lab = createLab()
  const onLost = () => {
    next.lost = true
  }
  const next: Standing = { ...lab, lost: false, ready: init(lab.api, onLost) }
  standing = next
  return next
}

async function init(api: LabApi, onLost: () => void): Promise<Reply<DeviceInfo>> {
  const reply = await api.init(optionsOfAddress(), (event) => {
    if (event.type === 'state' && event.lost) onLost()
    applyEvent(event)
  })
  if (reply.ok) useLab.setState({ device: reply.value })
  else {
    onLost()
    useLab.setState({ state: 'failed', problem: reply.error })
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
