export type House = Map<string, { target: string; isPackage?: boolean }[]>
export function complaints(house: House): string[]
export function objection(file: string, target: string, isPackage?: boolean): string | undefined
export function importsOf(path: string, text: string): string[]
