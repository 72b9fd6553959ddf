/** One image as training batches have it, a row per augmentation: the training code itself makes them. */
import { useEffect, useState } from 'react'
import type { AugmentedRow } from '../../worker/dataProtocol'
import { askData, formConfig } from '../store/dataStore'
import { useLab } from '../store/labStore'
import { PixelImage } from './PixelImage'

interface AugmentedProps {
  place: number
  title: string
}

export function Augmented({ place, title }: AugmentedProps) {
  const [rows, setRows] = useState<AugmentedRow[]>()
  const config = useLab((lab) => lab.config)
  useEffect(() => {
    let current = true
    void askData((api) => api.augmented(place, formConfig())).then((next) => {
      if (current) setRows(next)
    })
    return () => {
      current = false
    }
  }, [place])
  if (!rows) return null
  return (
    <section className="augmented" aria-labelledby="augmented-title">
      <h3 id="augmented-title">{title}, as the network sees it</h3>
      {rows.map(({ field, setting, height, width, images }) => (
        <div key={`${field} ${setting}`} className="augmented-row">
          <span>
            <code>{setting}</code>
            {setting === config[field] && <span className="quiet"> chosen</span>}
          </span>
          <div
            className="augmented-images"
            role="img"
            aria-label={`${title} under ${setting}, ${images.length} draws`}
          >
            {images.map((rgba, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a draw is its index
              <PixelImage key={i} rgba={rgba} width={width} height={height} />
            ))}
          </div>
        </div>
      ))}
    </section>
  )
}
