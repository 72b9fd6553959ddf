export const PAGE_POLICY: string
export const HEADERS: Record<string, string>
export const KEPT_FOR_EVER: string
