/** The looks: quiet cards with 14 px corners and thin lines, one accent, a colour for each run (runs/runColors.ts). */
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core'
import { colorVariables } from './runs/runColors'

/** Shade 7 carries the accent in light, shade 6 in dark; both reach 4.5:1 with the white text set on them. */
const accent: MantineColorsTuple = [
  '#e8f2fd',
  '#d2e5fa',
  '#a6ccf5',
  '#8ac0f8',
  '#6db3ff',
  '#3f93e6',
  '#1f78cc',
  '#0b63b8',
  '#08529a',
  '#06427c',
]

const still = { transitionProps: { duration: 0 } }

export const theme = createTheme({
  fontFamily: "'Inter Variable', 'Inter until then', system-ui, -apple-system, 'Segoe UI', sans-serif",
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  colors: { accent },
  primaryColor: 'accent',
  primaryShade: { light: 7, dark: 6 },
  autoContrast: true,
  defaultRadius: 10,
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray' } },
    // The line and the words carry the colour's meaning; coloured titles would miss AA on the page's grey.
    Alert: {
      defaultProps: { variant: 'outline', closeButtonLabel: 'Dismiss' },
      styles: { title: { color: 'var(--mantine-color-text)' } },
    },
    Modal: {
      defaultProps: { ...still, radius: 14, shadow: 'none', closeButtonProps: { 'aria-label': 'Close' } },
    },
    Menu: { defaultProps: { ...still, shadow: 'none' } },
    Popover: { defaultProps: { ...still, shadow: 'none' } },
    // Its value stands beside it.
    Slider: { defaultProps: { label: null } },
    SegmentedControl: { defaultProps: { transitionDuration: 0 } },
  },
})

/** Colours that Mantine has no name for, and greys that pass WCAG AA on our surfaces. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    ...colorVariables('light'),
    '--mantine-color-body': '#ffffff',
    '--mantine-color-dimmed': '#595c66',
    '--mantine-color-placeholder': '#686b75',
    '--mantine-color-error': '#b3261e',
    '--mantine-color-default-border': '#8a8d96',
    '--basin-page': '#f7f7f5',
    '--basin-line': '#e2e2de',
    '--basin-field': '#f7f7f5',
    '--basin-track': '#e2e2de',
    '--basin-warning': '#c8500a',
    '--basin-floor': '#f4f4f1',
    '--basin-cut': '#d6246e',
    '--run-path': '#595c66',
  },
  dark: {
    ...colorVariables('dark'),
    '--mantine-color-body': '#1c1e22',
    '--mantine-color-text': '#eceef1',
    '--mantine-color-dimmed': '#a9adb6',
    '--mantine-color-placeholder': '#989ca6',
    '--mantine-color-error': '#ff9d94',
    '--mantine-color-default-border': '#6b6f78',
    '--basin-page': '#111316',
    '--basin-line': '#33363c',
    '--basin-field': '#131519',
    '--basin-track': '#33363c',
    '--basin-warning': '#ff9a5a',
    '--basin-floor': '#17191c',
    '--basin-cut': '#ff4d94',
    '--run-path': '#a9adb6',
  },
})
