/** How much the page keeps in the browser, and the offer to keep it for good. */
import { Anchor } from '@mantine/core'
import { useEffect, useState } from 'react'
import { bytesText } from '../../base/units'
import { type StorageFacts, storageFacts } from '../store/dataStore'
import { useLab } from '../store/labStore'

export function StorageLine() {
  const state = useLab((lab) => lab.state)
  const keeps = useLab(
    (lab) => Object.keys(lab.keeping?.runs ?? {}).length > 0 || lab.state === 'interrupted',
  )
  const [use, setUse] = useState<StorageFacts>()
  const [refused, setRefused] = useState(false)
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again whenever something may have been written
  useEffect(() => {
    if (keeps) void storageFacts().then(setUse)
  }, [keeps, state])
  if (!keeps || !use) return null
  const persist = async () => {
    setRefused(!(await navigator.storage.persist()))
    setUse(await storageFacts())
  }
  return (
    <span>
      Kept in this browser: {bytesText(use.usage)} of {bytesText(use.quota)}
      {use.persisted ? ', permanently. ' : '. '}
      {!use.persisted && (
        <Anchor component="button" type="button" inherit onClick={persist}>
          Keep permanently
        </Anchor>
      )}
      {refused &&
        !use.persisted &&
        ' The browser did not grant it: it may clear this page’s storage when the disk is full.'}
    </span>
  )
}
