export const CHROMIUM_ARGS: string[]
export const TEST_ARGS: string[]
export function findChromium(which?: { whole?: boolean }): string | undefined
export function requireChromium(): string
