/** The library worker's script: the kept runs of this browser, on the wire. */
import * as Comlink from 'comlink'
import { toPlain } from '../../base/errors'
import { blobFile } from '../../platform/browser/blobFile'
import { IdbRunFiles } from '../../platform/browser/idbRunFiles'
import { holdUndo, isTrained, letUndoGo, offersUndo } from '../../platform/browser/runLocks'
import type { ImportProgress, LibraryApi, PickedFile } from '../libraryProtocol'
import type { Reply } from '../protocol'
import { ask, buffersIn, commands, quietly } from '../wire'
import { RunsLibrary } from './runsLibrary'

const library = new RunsLibrary({ files: new IdbRunFiles(), isTrained, holdUndo, letUndoGo, offersUndo })

// What closed tabs had put aside goes before the first list. Failing at it is no reason to have no list.
const swept = library.sweep().catch(() => {})

async function answer(work: () => Promise<unknown>): Promise<Reply<unknown>> {
  await swept
  try {
    const value = await work()
    return Comlink.transfer({ ok: true, value }, [...new Set(buffersIn(value))])
  } catch (error) {
    return { ok: false, error: toPlain(error) }
  }
}

const own = {
  take: (files: PickedFile[], onProgress: (progress: ImportProgress) => void) =>
    answer(() =>
      library.take(
        files.map(({ path, file }) => blobFile(path, file)),
        quietly(onProgress),
      ),
    ) as ReturnType<LibraryApi['take']>,
}

Comlink.expose(commands<LibraryApi, typeof own>(own, (name, args) => answer(() => ask(library, name, args))))
