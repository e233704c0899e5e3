/** What is wrong at a place in the file. */
export interface PathProblem {
  path: Path
  /** Of this key of the map there. */
  key?: string
  /** As it is shown. */
  given: string
  expected: string
  /** What was probably meant to be one of these words. */
  meant?: string
  words?: string[]
}

export type Path = (string | number)[]

/** In quotes, since YAML reads some words and numbers as something else. */
export function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? ''
  return text.length > mostShown ? `${text.slice(0, mostShown)}…` : text
}

const mostShown = 200
