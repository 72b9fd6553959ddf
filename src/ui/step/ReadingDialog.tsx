/** What the drawing of a step shows, and what it leaves out. */
import { Modal } from '@mantine/core'

export default function ReadingDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="How to read the drawing" size="lg">
      <div className="how-to-read">
        <p>
          All weights of the network are one point, θ. It has hundreds of thousands of coordinates; the
          drawing shows the two that matter for this step: along the gradient g (up is uphill) and along what
          the second gradient g′ has beside it. Lines join points of equal loss, darker is lower. Both are
          computed from the network and the batch of images that the step sees; nothing is sketched.
        </p>
        <ol>
          <li>g = ∇L(θ): which way is uphill, and how steep it is here. SGD steps against it.</li>
          <li>
            ε̂ = ρ·g/‖g‖: SAM walks the distance ρ that way. To first order no point of the ring around θ has a
            higher loss than θ + ε̂.
          </li>
          <li>
            g′ = ∇L(θ + ε̂): which way is uphill there. In a narrow valley the slope up there is steeper, and
            points elsewhere.
          </li>
          <li>θ ← θ − η·g′: back at θ, SAM steps against g′.</li>
        </ol>
        <p>
          Where the valley is wide, g and g′ agree, and SAM does what SGD does. Where it is narrow they
          differ, and that difference is what pushes SAM out of it. At ρ = 0 there is none.
        </p>
        <p>
          Left out: momentum, which adds a part of the steps before to each step, and every direction but two.
          The length of g says nothing here; only the steps are drawn to scale, or as many times longer as is
          said below the drawing.
        </p>
      </div>
    </Modal>
  )
}
