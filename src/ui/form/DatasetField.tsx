/** The data set of a run: those that are here, then those that would have to be imported. */
import { Anchor, NativeSelect } from '@mantine/core'
import { fieldMeta } from '../../core/config/schema'
import { KNOWN_DATASETS } from '../../worker/dataProtocol'
import { useData } from '../store/dataStore'
import { changeField } from '../store/form'
import { useLab } from '../store/labStore'
import { FieldLabel } from './FieldLabel'

export function DatasetField({ helpId }: { helpId: string }) {
  const value = useLab((lab) => lab.config.dataset)
  const datasets = useData((data) => data.datasets)
  const here = datasets?.map(({ name, title }) => ({ value: name, label: title })) ?? [
    { value: 'fashion_mnist', label: 'Fashion-MNIST' },
  ]
  const known = KNOWN_DATASETS.filter(({ name }) => !here.some((option) => option.value === name)).map(
    ({ name, title }) => ({ value: name, label: `${title} (import it first)`, disabled: name !== value }),
  )
  const strange = [...here, ...known].some((option) => option.value === value)
    ? []
    : [{ value, label: `${value} (not here)` }]
  const missing = datasets !== undefined && !datasets.some(({ name }) => name === value)
  return (
    <NativeSelect
      name="dataset"
      aria-describedby={helpId}
      label={<FieldLabel label={fieldMeta('dataset').label} flag="dataset" />}
      error={
        missing && (
          <>
            Not here yet.{' '}
            <Anchor href="#data" inherit>
              Import it on the Data page
            </Anchor>
          </>
        )
      }
      data={[...strange, ...here, ...known]}
      value={value}
      onChange={(event) => changeField('dataset', event.currentTarget.value)}
    />
  )
}
