/** The page's colours for drawings that are not styled by CSS. */
export interface Colors {
  /** Of words, and of those that matter less. */
  ink: string
  text: string
  line: string
  surface: string
  font: string
  /** A CSS value as it is now. */
  resolve(value: string): string
}

/** Reads them as they are now: call again when the colour scheme changes. */
export function readColors(): Colors {
  const style = getComputedStyle(document.documentElement)
  const variable = (name: string) => style.getPropertyValue(name).trim()
  return {
    ink: variable('--mantine-color-text'),
    text: variable('--mantine-color-dimmed'),
    line: variable('--basin-line'),
    surface: variable('--mantine-color-body'),
    font: getComputedStyle(document.body).fontFamily,
    resolve: (value) => value.replace(/var\((--[\w-]+)\)/g, (_, name) => variable(name)),
  }
}
