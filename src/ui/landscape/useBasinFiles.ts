/** The files of the basins, for the figure's menu; what makes them is loaded when it is asked for. */
import { useCallback, useMemo, useRef, useState } from 'react'
import type { FigureFiles } from '../charts/FigureMenu'
import { saveFile } from '../files/save'
import { saveMeasure, showError } from '../store/commands'
import type { DrawnBasin } from './basin'
import type { Portrait } from './basinsFiles'
import { useCanSave, useMeasureCsv } from './measureCsv'

/** A film at work. */
export interface Filming {
  share: number
  cancel(): void
}

const NAME = 'basin_2-d_slice'

export function useBasinFiles(
  drawn: readonly DrawnBasin[],
  look: Portrait,
): { files: FigureFiles; filming?: Filming } {
  const csv = useMeasureCsv('surface')
  const [filming, setFilming] = useState<Filming>()
  // The menu is drawn again only when what it offers changes, not while the surfaces are turned.
  const newest = useRef({ drawn, look })
  newest.current = { drawn, look }

  const film = useCallback(async () => {
    const abort = new AbortController()
    const tell = (share: number) => setFilming({ share, cancel: () => abort.abort() })
    tell(0)
    try {
      const { basinsFilm } = await import('./basinsFiles')
      const blob = await basinsFilm(newest.current.drawn, newest.current.look, tell, abort.signal)
      saveFile(`${NAME}.${blob.type === 'video/mp4' ? 'mp4' : 'webm'}`, blob)
    } catch (error) {
      if (!abort.signal.aborted) showError(error)
    } finally {
      setFilming(undefined)
    }
  }, [])

  const canSave = useCanSave('surface')
  const files = useMemo<FigureFiles>(() => {
    const bodies = async (ending: 'vtp' | 'stl') => {
      const { bodyFiles } = await import('./surfaceFiles')
      const { drawn, look } = newest.current
      const { name, bytes } = bodyFiles(drawn, ending, look.choice, NAME)
      saveFile(name, new Blob([bytes as Uint8Array<ArrayBuffer>]))
    }
    return {
      csv,
      png: async () => (await import('./basinsFiles')).basinsPng(newest.current.drawn, newest.current.look),
      svg: async () => (await import('./basinsFiles')).basinsSvg(newest.current.drawn, newest.current.look),
      more: [
        ...(canSave ? [{ label: 'Save .npz', run: () => saveMeasure('surface') }] : []),
        { label: 'Save .vtp (ParaView)', run: () => bodies('vtp') },
        { label: 'Save .stl (3-D printer)', run: () => bodies('stl') },
        { label: 'Record one turn (WebM)', run: film },
      ],
    }
  }, [csv, canSave, film])
  return { files, filming }
}
