import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../', import.meta.url))

export const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  'infra/kubernetes/README.md',
  ...readdirSync(`${root}docs`).map((name) => `docs/${name}`),
]

export function pageText(name: string): string {
  return readFileSync(root + name, 'utf8')
}

/** The text below a heading, up to the next heading of the same level or a higher one. */
export function sectionOf(name: string, heading: string): string {
  const lines = pageText(name).split('\n')
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading)
  if (start < 0) throw new Error(`${name} has no heading "${heading}"`)
  const level = lines[start]?.indexOf(' ') ?? 0
  const length = lines.slice(start + 1).findIndex((line) => /^#+ /.test(line) && line.indexOf(' ') <= level)
  return lines.slice(start + 1, length < 0 ? undefined : start + 1 + length).join('\n')
}

/** What stands in code in the first column of the tables of a text. */
export function firstColumn(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .flatMap((line) => [...(line.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g)].map(([, code = '']) => code))
}
