/** What the Runs page shows, as a part of the address: `#runs?picked=…&axis=step`. Defaults are left out. */
import { AXES, type Axis } from '../charts/axes'

export interface ListView {
  /** Ids of the runs that are drawn, compared and acted on, in the order of picking. */
  picked: readonly string[]
  byGroup: boolean
  axis: Axis
  filter: string
  hidden: boolean
  /** Of the scatter. */
  setting: string
  metric: string
}

export const DEFAULT_VIEW: ListView = {
  picked: [],
  byGroup: true,
  axis: 'epoch',
  filter: '',
  hidden: false,
  setting: 'sam_rho',
  metric: 'testError',
}

const ID = /^[a-z0-9][a-z0-9-]{3,63}$/

export function viewToHash(view: ListView): string {
  const query = new URLSearchParams()
  if (view.picked.length > 0) query.set('picked', view.picked.join(','))
  if (!view.byGroup) query.set('group', 'off')
  if (view.hidden) query.set('hidden', 'shown')
  for (const name of ['axis', 'filter', 'setting', 'metric'] as const) {
    if (view[name] !== DEFAULT_VIEW[name]) query.set(name, view[name])
  }
  const text = query.toString().replace(/%2C/g, ',')
  return text ? `#runs?${text}` : '#runs'
}

/** What does not fit is as if it were not there; undefined where the hash says nothing. */
export function viewFromHash(hash: string): ListView | undefined {
  const [page, text] = [hash.slice(1).split('?', 1)[0], hash.slice(hash.indexOf('?') + 1)]
  if (page !== 'runs' || !hash.includes('?')) return undefined
  const query = new URLSearchParams(text)
  const axis = query.get('axis') ?? DEFAULT_VIEW.axis
  return {
    picked: [...new Set((query.get('picked') ?? '').split(',').filter((id) => ID.test(id)))],
    byGroup: query.get('group') !== 'off',
    axis: Object.hasOwn(AXES, axis) ? (axis as Axis) : DEFAULT_VIEW.axis,
    filter: query.get('filter') ?? '',
    hidden: query.get('hidden') === 'shown',
    setting: query.get('setting') ?? DEFAULT_VIEW.setting,
    metric: query.get('metric') ?? DEFAULT_VIEW.metric,
  }
}
