/** How often somebody has asked to try again; every panel that failed does, because one cause often fails several. */
import { create } from 'zustand'

const useCount = create(() => ({ retries: 0 }))

export const useRetries = (): number => useCount(({ retries }) => retries)

export const retry = (): void => useCount.setState(({ retries }) => ({ retries: retries + 1 }))
