/** Data: official archives and own images in, what is here, and how it looks. */
import { useEffect } from 'react'
import { Browser } from '../data/Browser'
import { ImportCard } from '../data/ImportCard'
import { StoredSets } from '../data/StoredSets'
import { refreshDatasets, useData } from '../store/dataStore'
import { useLab } from '../store/labStore'

export default function DataPage() {
  const datasets = useData((data) => data.datasets)
  const trained = useLab((lab) => lab.config.dataset)
  const chosen = useData((data) => data.shown)
  useEffect(() => void refreshDatasets(), [])
  const entry =
    datasets?.find(({ name }) => name === chosen) ??
    datasets?.find(({ name }) => name === trained) ??
    datasets?.[0]
  return (
    <div className="page">
      <h1 className="visually-hidden">Data sets</h1>
      <div className="data-top">
        <ImportCard />
        <StoredSets selected={entry?.name} onSelect={(shown) => useData.setState({ shown })} />
      </div>
      {entry && <Browser key={`${entry.name} ${entry.importedAt}`} entry={entry} />}
    </div>
  )
}
