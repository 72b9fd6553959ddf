/** How the basins are drawn, and what is taken home of them. */
import { SegmentedControl, Slider } from '@mantine/core'
import { SmallButton } from '../charts/SmallButton'
import { useLab } from '../store/labStore'
import type { BasinsChoice } from './basinsPicture'
import { START } from './scene/camera'
import type { Filming } from './useBasinFiles'

type Basins = ReturnType<typeof useLab.getState>['basins']

export const setBasins = (change: Partial<Basins>) =>
  useLab.setState(({ basins }) => ({ basins: { ...basins, ...change } }))

const CHOICES = [
  {
    name: 'view',
    label: 'View',
    data: [
      { value: 'surface', label: 'Surface' },
      { value: 'contours', label: 'Contours' },
      { value: 'webgl', label: 'WebGL' },
    ],
  },
  {
    name: 'height',
    label: 'What the height is',
    data: [
      { value: 'rise', label: 'Rise' },
      { value: 'loss', label: 'Loss' },
    ],
  },
  {
    name: 'scale',
    label: 'Scale of the height',
    data: [
      { value: 'log', label: 'Log' },
      { value: 'linear', label: 'Linear' },
    ],
  },
] as const satisfies readonly { name: keyof BasinsChoice; label: string; data: readonly object[] }[]

export function BasinControls({ filming }: { filming?: Filming }) {
  const choice = useLab((lab) => lab.basins)
  return (
    <div className="figure-actions basin-controls">
      {CHOICES.map(({ name, label, data }) => (
        <SegmentedControl
          key={name}
          size="xs"
          aria-label={label}
          value={choice[name]}
          onChange={(value) => setBasins({ [name]: value })}
          data={[...data]}
        />
      ))}
      {choice.view === 'surface' && (
        <>
          <div className="basin-height">
            <span id="basin-height">Height</span>
            <Slider
              thumbLabel="Height"
              aria-labelledby="basin-height"
              value={choice.exaggeration}
              onChange={(exaggeration) => setBasins({ exaggeration })}
              min={0.25}
              max={2.5}
              step={0.05}
            />
          </div>
          <SmallButton onClick={() => setBasins({ camera: START, exaggeration: 1 })}>Reset view</SmallButton>
        </>
      )}
      {filming && (
        <>
          <span role="status" className="figure-subtitle">
            Recording one turn: {Math.round(100 * filming.share)} %
          </span>
          <SmallButton onClick={filming.cancel}>Cancel</SmallButton>
        </>
      )}
    </div>
  )
}
