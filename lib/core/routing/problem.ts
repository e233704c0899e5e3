import { maskSecrets } from '../message/text/mask.ts'

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

/** Where it is wrong, to the key. */
export function fullPath({ path, key }: Pick<PathProblem, 'path' | 'key'>): Path {
  return key === undefined ? path : [...path, key]
}

/** True for what lies in the part that `above` leads to, and for that part itself. */
export function liesIn(path: Path, above: Path): boolean {
  return above.every((key, index) => path[index] === key)
}

/** `rules[3].match` */
export function placeOf(path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    return /^[\w$-]+$/.test(key) ? `${text}${text && '.'}${key}` : `${text}[${quoted(key)}]`
  }, '')
}

/** In quotes, since YAML reads some words and numbers as something else; secrets are masked before it is cut. */
export function quoted(value: unknown): string {
  const text = maskSecrets(JSON.stringify(value) ?? '')
  return text.length > mostShown ? `${text.slice(0, mostShown)}…` : text
}

const mostShown = 200
