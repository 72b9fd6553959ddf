/** A part of the Landscape page under its title; it can fail alone. */
import type { ReactNode } from 'react'
import { Panel, type PanelProps } from '../panels/Panel'

export function MeasureSection({ title, name, children }: PanelProps & { title: ReactNode }) {
  return (
    <>
      <h2 className="between">{title}</h2>
      <Panel name={name}>{children}</Panel>
    </>
  )
}
