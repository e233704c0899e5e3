import { maskSecrets } from '../message/text/mask.ts'

/** A mistake at a place in the configuration file. */
export interface PathProblem {
  path: Path
  /** Set if the mistake is about one key of the map at `path`. */
  key?: string
  /** One sentence without the place, for example `must be a list, not a map`. */
  message: string
  /** A word that is not one of those allowed here, perhaps a misspelling. */
  unknown?: { word: string; allowed: string[] }
}

export type Path = (string | number)[]

/** The path to the mistake, including its key. */
export function fullPath({ path, key }: Pick<PathProblem, 'path' | 'key'>): Path {
  return key === undefined ? path : [...path, key]
}

/** True if `path` is `above` or inside of it. */
export function liesIn(path: Path, above: Path): boolean {
  return above.every((key, index) => path[index] === key)
}

/** A path as text: `rules[3].match`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    return /^[\w$-]+$/.test(key) ? `${text}${text && '.'}${key}` : `${text}[${quoted(key)}]`
  }, '')
}

/** The value as JSON, since YAML reads some words and numbers as another type. Secrets are masked before the text is shortened. */
export function quoted(value: unknown): string {
  const text = maskSecrets(JSON.stringify(value) ?? '')
  return text.length > mostShown ? `${text.slice(0, mostShown)}…` : text
}

const mostShown = 200

/** How many problems of one file are logged. `check` prints all of them. */
export const mostLogged = 20

/** The first of many problems, and how many more there are. */
export function firstProblems(problems: readonly string[], most: number): string[] {
  const rest = problems.length > most ? [`… (+${problems.length - most})`] : []
  return [...problems.slice(0, most), ...rest]
}

/** `a, b or c` */
export function eitherOf(words: readonly string[]): string {
  return [words.slice(0, -1).join(', '), ...words.slice(-1)].filter((part) => part !== '').join(' or ')
}
