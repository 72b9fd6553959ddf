export const PAGE_POLICY: string
export const HEADERS: Record<string, string>
