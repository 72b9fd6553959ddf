export function findRedis(): string | undefined
export function installRedis(): void
