/** Name, pages, device, link, light or dark. */
import { ActionIcon, Anchor, Button, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import { IconCheck, IconLink, IconMoon, IconSun } from '@tabler/icons-react'
import { addressOfForm } from '../store/form'
import { useLab } from '../store/labStore'
import { VIEWS, type View } from '../view'

export function Header({ view }: { view: View }) {
  return (
    <header className="row top">
      <span className="brand">
        <Logo />
        <span className="brand-name">Basin</span>
      </span>
      <nav aria-label="Pages">
        {VIEWS.map(({ id, title }) => (
          <a key={id} href={`#${id}`} aria-current={view === id ? 'page' : undefined}>
            {title}
          </a>
        ))}
      </nav>
      <div className="top-right">
        <DeviceBadge />
        <ShareButton />
        <SchemeToggle />
      </div>
    </header>
  )
}

function DeviceBadge() {
  const device = useLab((lab) => lab.device)
  if (!device) return null
  const backend = { webgpu: 'WebGPU', wasm: 'WebAssembly', cpu: 'CPU' }[device.backend]
  return (
    <span className="badge">
      <strong data-good={device.note === ''}>{backend}</strong> · {device.adapter}
      {device.f16 && ' · f16'}
    </span>
  )
}

/** What trains, and what it costs where that is no GPU: one line, there from the start, so that nothing moves for it. */
export function DeviceNote() {
  const device = useLab((lab) => lab.device)
  const failed = useLab((lab) => lab.state === 'failed')
  const text = device
    ? device.note || 'Training runs on the GPU.'
    : failed
      ? 'No device.'
      : 'Looking for a GPU…'
  return (
    <p className="device-note" role="note">
      {text}
    </p>
  )
}

function ShareButton() {
  const { copy, copied } = useClipboard()
  return (
    <Button
      variant="default"
      size="xs"
      className="share"
      leftSection={copied ? <IconCheck size={14} aria-hidden /> : <IconLink size={14} aria-hidden />}
      onClick={() => copy(addressOfForm())}
    >
      <span className="share-text">{copied ? 'Copied' : 'Copy link'}</span>
    </Button>
  )
}

function SchemeToggle() {
  const { setColorScheme } = useMantineColorScheme()
  const scheme = useComputedColorScheme('light')
  const other = scheme === 'dark' ? 'light' : 'dark'
  return (
    <ActionIcon
      variant="default"
      size={30}
      aria-label={`Switch to ${other} colours`}
      onClick={() => setColorScheme(other)}
    >
      {scheme === 'dark' ? <IconSun size={16} aria-hidden /> : <IconMoon size={16} aria-hidden />}
    </ActionIcon>
  )
}

/** A narrow and a wide basin. */
function Logo() {
  return (
    <svg
      width="26"
      height="18"
      viewBox="0 0 26 18"
      fill="none"
      strokeWidth="2.2"
      strokeLinecap="round"
      aria-hidden
    >
      <path d="M1 2 C3 2 4 16 6.5 16 S10 3 12 3" stroke="var(--run-0)" />
      <path d="M12 3 C14 3 15 13 18.5 13 S23 2 25 2" stroke="var(--run-1)" />
    </svg>
  )
}

/** Jumps over the header; the hash belongs to the pages, so it moves the focus itself. */
export function SkipLink() {
  const skip = (event: React.MouseEvent) => {
    event.preventDefault()
    document.getElementById('main')?.focus()
  }
  return (
    <Anchor href="#main" className="skip" onClick={skip}>
      Skip to the laboratory
    </Anchor>
  )
}
