/** Where a training step's time on the GPU goes, kernel by kernel: on demand, behind a switch. */
import { Switch } from '@mantine/core'
import { SmallButton } from '../charts/SmallButton'
import { profileStep } from '../store/commands'
import { useLab } from '../store/labStore'
import { ProfileTable } from './ProfileTable'

export function ProfileSection() {
  const profiling = useLab((lab) => lab.profiling)
  return (
    <section aria-labelledby="profile-title">
      <div className="row section-head">
        <h2 id="profile-title">GPU time</h2>
        <Switch
          size="xs"
          label="Profile"
          checked={profiling}
          onChange={(event) => useLab.setState({ profiling: event.currentTarget.checked })}
        />
      </div>
      {profiling && <Profile />}
    </section>
  )
}

function Profile() {
  const state = useLab((lab) => lab.state)
  const backend = useLab((lab) => lab.device?.backend)
  const busy = useLab((lab) => lab.profileBusy)
  const profile = useLab((lab) => lab.profile)
  if (backend !== undefined && backend !== 'webgpu') {
    return <p className="profile-note">Kernels are timed by WebGPU, and this page runs without it.</p>
  }
  const possible = state === 'training' || state === 'paused'
  return (
    <div className="card profile">
      <div className="row profile-head">
        <SmallButton onClick={profileStep} disabled={!possible || busy}>
          Profile one step
        </SmallButton>
        <span className="profile-note">
          {busy
            ? 'Timing the next step; the first time also the fastest matrix product …'
            : possible
              ? 'Times every kernel of the next step. A run that is going pauses for it and goes on.'
              : 'Start training first, or step: a profile is taken of the next step.'}
        </span>
      </div>
      {profile && <ProfileTable profile={profile} />}
    </div>
  )
}
