/**
 * The left panel: preset, the settings that make it another experiment, the rest folded by theme with what deviates from
 * the preset, and what the run will cost.
 */
import { fieldApplies } from '../../core/config/applies'
import { FIELD_NAMES, type FieldName, fieldMeta } from '../../core/config/schema'
import type { FieldGroup } from '../../core/fieldMeta'
import { PlanLine } from '../controls/PlanLine'
import { StorageLine } from '../controls/StorageLine'
import { useLab } from '../store/labStore'
import { contradictionAt } from '../store/obstacles'
import { ConfigField } from './ConfigField'
import { CostLine } from './CostLine'
import { deviationText, nearestPreset } from './deviations'
import { Fold } from './Fold'
import { NetworkFacts } from './NetworkFacts'
import { PresetSelect } from './PresetSelect'
import { useWantedField } from './wantedField'

const shown = FIELD_NAMES.filter((name) => !fieldMeta(name).cliOnly)
/** What makes it another experiment, in sight. */
const PRIMARY: readonly FieldName[] = ['model_name', 'label_noise', 'sam_rho', 'runs', 'run_seed']
const folded = (group: FieldGroup): FieldName[] =>
  shown.filter((name) => !PRIMARY.includes(name) && fieldMeta(name).group === group)

const GROUPS: [FieldGroup, string][] = [
  ['experiment', 'Data and training'],
  ['method', 'Method'],
  ['network', 'Network'],
  ['optimizer', 'Schedule and optimizer'],
  ['data', 'Augmentation'],
  ['evaluation', 'Evaluation'],
  ['replicas', 'Replicas and m-sharpness'],
]

export function ExperimentPanel() {
  return (
    <section className="card panel" aria-labelledby="experiment-title">
      <h2 id="experiment-title">Experiment</h2>
      <PresetSelect />
      <Fields names={PRIMARY} />
      <div>
        {GROUPS.map(([group, title]) => (
          <GroupFold key={group} group={group} title={title} />
        ))}
      </div>
      <div className="panel-foot">
        <p>
          <CostLine />
        </p>
        <p>
          <PlanLine />
        </p>
        <p>
          <StorageLine />
        </p>
      </div>
    </section>
  )
}

function Fields({ names }: { names: readonly FieldName[] }) {
  const config = useLab((lab) => lab.config)
  return (
    <div className="fields">
      {names
        .filter((name) => fieldApplies(name, config))
        .map((name) => (
          <ConfigField key={name} name={name} />
        ))}
    </div>
  )
}

function GroupFold({ group, title }: { group: FieldGroup; title: string }) {
  const names = folded(group)
  const config = useLab((lab) => lab.config)
  const wanted = useWantedField(({ name }) => name !== undefined && names.includes(name))
  // What is wrong with a setting stands beside it.
  const wrong = useLab((lab) =>
    names.some((name) => lab.invalid[name] !== undefined || contradictionAt(lab.config, name) !== undefined),
  )
  const { preset, differs } = nearestPreset(config)
  const changed = differs.filter((name) => names.includes(name) && fieldApplies(name, config))
  return (
    <Fold
      title={title}
      changed={deviationText(changed, config)}
      changedTitle={`Not as in “${preset.title}”`}
      wanted={wanted || wrong}
    >
      {(open) => (
        <>
          <Fields names={names} />
          {group === 'network' && open && <NetworkFacts />}
        </>
      )}
    </Fold>
  )
}
