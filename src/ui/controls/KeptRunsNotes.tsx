/** What there is to say of kept runs: those that wait, what was not kept, what was mended. */
import { Alert, Button, Group } from '@mantine/core'
import type { KeptOffer } from '../../worker/protocol'
import { formatCount } from '../format'
import { continueRuns, openRuns } from '../store/commands'
import { useLab } from '../store/labStore'

export function KeptRunsNotes() {
  const recovered = useLab((lab) => lab.recovered)
  const offers = useLab((lab) => lab.offers)
  const problem = useLab((lab) => lab.keeping?.problem)
  return (
    <>
      {recovered && (
        <Alert role="note" withCloseButton onClose={() => useLab.setState({ recovered: undefined })}>
          {recovered}
        </Alert>
      )}
      {problem && (
        <Alert role="note" color="yellow">
          {problem}
        </Alert>
      )}
      {offers.map((offer) => (
        <Offer key={offer.experiment} offer={offer} />
      ))}
    </>
  )
}

function Offer({ offer }: { offer: KeptOffer }) {
  const { ids, labels, model, dataset, step, totalSteps, elsewhere, experiment } = offer
  const dismiss = () =>
    useLab.setState(({ offers }) => ({ offers: offers.filter((one) => one.experiment !== experiment) }))
  const what = `${labels.join(', ')}: ${model} on ${dataset}`
  const where = `step ${formatCount(step)} of ${formatCount(totalSteps)}`
  return (
    <Alert role="note" withCloseButton onClose={dismiss}>
      <Group justify="space-between">
        <span>{elsewhere ? `Another tab trains ${what}.` : `Interrupted at ${where}: ${what}.`}</span>
        <Button size="xs" variant="default" onClick={() => (elsewhere ? openRuns(ids) : continueRuns(ids))}>
          {elsewhere ? 'Watch' : 'Continue'}
        </Button>
      </Group>
    </Alert>
  )
}
