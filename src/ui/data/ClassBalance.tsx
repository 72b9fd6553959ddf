/** Images per class of one split as bars; a bar chooses its class in the preview. */
import { formatCount } from '../format'

interface ClassBalanceProps {
  classNames: readonly string[]
  counts: readonly number[]
  selected: number | undefined
  onSelect(label: number | undefined): void
}

export function ClassBalance({ classNames, counts, selected, onSelect }: ClassBalanceProps) {
  const most = Math.max(1, ...counts)
  const least = Math.min(...counts)
  const total = counts.reduce((sum, count) => sum + count, 0)
  return (
    <figure className="balance">
      <figcaption>
        <strong>Images per class</strong>{' '}
        <span className="figure-subtitle">
          {least === most
            ? `${formatCount(most)} each`
            : `${formatCount(least)} to ${formatCount(most)}, mean ${formatCount(total / counts.length)}`}
        </span>
      </figcaption>
      <div className="balance-bars">
        {classNames.map((name, label) => (
          <button
            // biome-ignore lint/suspicious/noArrayIndexKey: a class is its index
            key={label}
            type="button"
            className="balance-row"
            aria-pressed={label === selected}
            onClick={() => onSelect(label === selected ? undefined : label)}
          >
            <span className="balance-name">{name}</span>
            <span className="balance-track">
              <span style={{ width: `${(100 * counts[label]) / most}%` }} />
            </span>
            <span className="balance-count">{formatCount(counts[label])}</span>
          </button>
        ))}
      </div>
    </figure>
  )
}
