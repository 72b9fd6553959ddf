/** The network of a run, chosen from a list in the papers' order, with the way to the paper. */
import { Anchor, NativeSelect } from '@mantine/core'
import { PAPERS, paperOf } from '../../core/config/models'
import { fieldMeta } from '../../core/config/schema'
import { changeField } from '../store/form'
import { useLab } from '../store/labStore'
import { FieldLabel } from './FieldLabel'

const groups = PAPERS.map(({ title, models }) => ({
  group: title,
  items: models.map((model) => ({ value: model, label: model })),
}))

export function ModelField({ helpId }: { helpId: string }) {
  const value = useLab((lab) => lab.config.model_name)
  const { title, url } = paperOf(value)
  return (
    <NativeSelect
      name="model_name"
      aria-describedby={helpId}
      label={<FieldLabel label={fieldMeta('model_name').label} flag="model_name" />}
      data={groups}
      value={value}
      onChange={(event) => changeField('model_name', event.currentTarget.value)}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      description={
        url && (
          <Anchor href={url} target="_blank" rel="noreferrer" size="xs">
            {title}
          </Anchor>
        )
      }
    />
  )
}
