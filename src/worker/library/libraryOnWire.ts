/** The library worker's script: the kept runs of this browser, and those of a served folder, on the wire. */
import * as Comlink from 'comlink'
import { type Reply, reply } from '../../base/reply'
import { blobFile } from '../../platform/browser/blobFile'
import { HttpRunFiles } from '../../platform/browser/httpRunFiles'
import { IdbRunFiles } from '../../platform/browser/idbRunFiles'
import { holdUndo, isTrained, letUndoGo, offersUndo } from '../../platform/browser/runLocks'
import type { ImportProgress, LibraryApi, PickedFile } from '../libraryProtocol'
import { ask, buffersIn, commands, quietly } from '../wire'
import { RunsLibrary } from './runsLibrary'

const GOING = ['running', 'paused']
let library = open(undefined)
let swept: Promise<void> = Promise.resolve()

function open(served: string | undefined): RunsLibrary {
  return new RunsLibrary({
    files: new IdbRunFiles(),
    served: served === undefined ? undefined : new HttpRunFiles(served),
    // Whoever has an ended run in hand only shows it.
    isTrained: async ({ id, state }) => GOING.includes(state) && (await isTrained(id)),
    holdUndo,
    letUndoGo,
    offersUndo,
  })
}

async function answer(work: () => Promise<unknown>): Promise<Reply<unknown>> {
  await swept
  const answered = await reply(work)
  return answered.ok ? Comlink.transfer(answered, [...new Set(buffersIn(answered.value))]) : answered
}

const own = {
  async init(served: string | undefined): Promise<Reply> {
    library = open(served)
    // What closed tabs had put aside goes before the first list. Failing at it is no reason to have no list.
    swept = library.sweep().catch(() => {})
    return { ok: true, value: undefined }
  },
  take: (files: PickedFile[], onProgress: (progress: ImportProgress) => void) =>
    answer(() =>
      library.take(
        files.map(({ path, file }) => blobFile(path, file)),
        quietly(onProgress),
      ),
    ) as ReturnType<LibraryApi['take']>,
}

Comlink.expose(commands<LibraryApi, typeof own>(own, (name, args) => answer(() => ask(library, name, args))))
