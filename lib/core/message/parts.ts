import { type Html, html, lines } from './html.ts'
import { clip } from './text/clip.ts'

// A Kubernetes name has at most 253 characters (DNS subdomain, RFC 1123); a forged record may say anything.
const maxName = 253
const maxWord = 100

/** A Kubernetes object by kind, namespace and name; each may be empty. */
export function object({ kind, namespace, name }: { kind: string; namespace: string; name: string }): Html {
  const named = path(namespace, name)
  if (named === '') return word(kind)
  return kind === '' ? code(named) : html`${word(kind)} ${code(named)}`
}

export function path(namespace: string, name: string): string {
  return namespace === '' ? name : `${namespace}/${name}`
}

// Telegram makes links, mentions and commands of what looks like one (app.py, @oncall, /readyz), even of the number of a bank card; never
// inside code.
const plainWord = /^(?!(?:\D*\d){12})[A-Za-z0-9 '-]+$/

export function word(value: string): Html {
  return plainWord.test(value) ? html`${clip(value, maxWord)}` : code(value, maxWord)
}

export function strong(value: string): Html {
  return plainWord.test(value) ? html`<b>${clip(value, maxWord)}</b>` : code(value, maxWord)
}

export function code(value: string, room = 2 * maxName + 1): Html {
  return html`<code>${clip(value, room)}</code>`
}

/** The parts that are there, with dots between them; undefined if there are none. */
export function joined(parts: (Html | undefined)[]): Html | undefined {
  const line = lines(parts, ' · ')
  return line.markup === '' ? undefined : line
}
