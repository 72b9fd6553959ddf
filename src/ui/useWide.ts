/** Whether the settings stand beside the page; else they are a sheet. */
import { useMediaQuery } from '@mantine/hooks'

export const useWide = (): boolean =>
  useMediaQuery('(min-width: 900px)', true, { getInitialValueInEffect: false })
