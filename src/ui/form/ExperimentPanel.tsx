/** The left panel: preset, the settings that matter, the rest folded by theme, and what the run will cost. */
import { Accordion, Text } from '@mantine/core'
import { fieldApplies } from '../../core/config/applies'
import { FIELD_NAMES, type FieldName, fieldMeta } from '../../core/config/schema'
import type { FieldGroup } from '../../core/fieldMeta'
import { useLab } from '../store/labStore'
import { ConfigField } from './ConfigField'
import { CostLine } from './CostLine'
import { NetworkFacts } from './NetworkFacts'
import { PresetSelect } from './PresetSelect'

const shown = FIELD_NAMES.filter((name) => !fieldMeta(name).cliOnly)
const primary = shown.filter((name) => fieldMeta(name).primary)
const folded = (group: FieldGroup): FieldName[] =>
  shown.filter((name) => !fieldMeta(name).primary && fieldMeta(name).group === group)

const GROUPS: [FieldGroup, string][] = [
  ['method', 'Method'],
  ['network', 'Network'],
  ['optimizer', 'Schedule and optimizer'],
  ['data', 'Augmentation'],
  ['evaluation', 'Evaluation'],
  ['replicas', 'Replicas and m-sharpness'],
]

export function ExperimentPanel() {
  const config = useLab((lab) => lab.config)
  return (
    <section className="card panel" aria-labelledby="experiment-title">
      <h2 id="experiment-title">Experiment</h2>
      <PresetSelect />
      <div className="fields">
        {primary
          .filter((name) => fieldApplies(name, config))
          .map((name) => (
            <ConfigField key={name} name={name} />
          ))}
      </div>
      <Accordion multiple order={3} chevronPosition="right" className="folded">
        {GROUPS.map(([group, title]) => (
          <Accordion.Item key={group} value={group}>
            <Accordion.Control>{title}</Accordion.Control>
            <Accordion.Panel>
              <div className="fields">
                {folded(group)
                  .filter((name) => fieldApplies(name, config))
                  .map((name) => (
                    <ConfigField key={name} name={name} />
                  ))}
              </div>
              {group === 'network' && <NetworkFacts />}
            </Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
      <Text size="sm" c="dimmed" component="div">
        <CostLine />
      </Text>
    </section>
  )
}
