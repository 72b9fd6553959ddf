/** The verdict on the picked groups, in their colours. */
import type { DrawnGroup } from './drawnGroups'
import { groupVerdict } from './groupVerdict'

export function GroupVerdict({ groups }: { groups: readonly DrawnGroup[] }) {
  const sentences = groupVerdict(groups)
  return (
    <section className="card group-verdict" aria-label="Verdict on the picked runs">
      {sentences.map((pieces, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: sentences have no other name
        <p key={i}>
          {pieces.map(({ text, group, strong }, k) => {
            const Piece = strong ? 'strong' : 'span'
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: a name may stand twice in a sentence
              <Piece key={k} style={group && { color: group.textColor }}>
                {text}
              </Piece>
            )
          })}
        </p>
      ))}
    </section>
  )
}
