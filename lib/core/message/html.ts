import { clip } from './text/clip.ts'

declare const safe: unique symbol

/** Markup for Telegram's HTML parse mode, in which every value is escaped. Only the functions here make it; `stored` takes what they made before. */
export interface Html {
  readonly markup: string
  readonly [safe]: true
}

/** Template tag that escapes values, except Html. */
export function html(parts: TemplateStringsArray, ...values: (string | Html)[]): Html {
  let markup = parts[0] as string
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] as string | Html
    markup += (typeof value === 'string' ? escaped(value) : value.markup) + parts[index + 1]
  }
  return trusted(markup)
}

/** The parts that are not empty, one below the other. */
export function lines(parts: (Html | undefined)[], separator = '\n'): Html {
  let markup = ''
  for (const part of parts) {
    if (part && part.markup !== '') markup += markup === '' ? part.markup : separator + part.markup
  }
  return trusted(markup)
}

/**
 * A moment that Telegram shows in the reader's own zone, or as `text` in apps that cannot. `format`: one of each `w`, `d` or `D`, `t` or `T` (Bot
 * API, date_time). Plain text if the moment is outside the range of Telegram's parser: positive seconds in 32 bits.
 */
export function date(milliseconds: number, format: 'dT' | 'T' | 'dt' | 't', text: string): Html {
  const unix = Math.floor(milliseconds / 1_000)
  if (!(unix > 0 && unix < 2 ** 31)) return html`${text}`
  return trusted(`<tg-time unix="${unix}" format="${format}">${escaped(text)}</tg-time>`)
}

/** A text that leads to an address. */
export function link(address: string, text: string): Html {
  return trusted(`<a href="${escaped(address).replaceAll('"', '&quot;')}">${escaped(text)}</a>`)
}

/** Markup that was made here and has been saved as text since. */
export function stored(markup: string): Html {
  return trusted(markup)
}

/** The text that a reader sees: for a message without parse mode, and for its length. */
export function plainText({ markup }: Pick<Html, 'markup'>): string {
  return markup
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}

// Telegram's parser needs only these three escaped in text (TDLib MessageEntity.cpp, parse_html).
const special = /[&<>]/

function escaped(value: string): string {
  // JSON may contain half a surrogate pair. Telegram would refuse the whole message: "text must be encoded in UTF-8".
  const text = value.isWellFormed() ? value : value.toWellFormed()
  if (!special.test(text)) return text
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function trusted(markup: string): Html {
  return { markup } as Html
}

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

// Telegram turns text that looks like a link, mention, command or bank card number (app.py, @oncall, /readyz) into one, but never inside code.
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

/** The parts that are not empty, with dots between them; undefined if all are empty. */
export function joined(parts: (Html | undefined)[]): Html | undefined {
  const line = lines(parts, ' · ')
  return line.markup === '' ? undefined : line
}
