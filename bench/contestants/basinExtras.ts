/** What only Basin is asked. */
export const basinExtras: Record<string, (...args: never[]) => Promise<unknown>> = {}
