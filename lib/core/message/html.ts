declare const safe: unique symbol

/** Markup for Telegram's HTML parse mode in which every value is escaped. `html`, `lines` and `date` are the only ways to make it; `stored` takes what they made. */
export interface Html {
  readonly markup: string
  readonly [safe]: true
}

/** Template tag: values are escaped, Html goes in as it is. */
export function html(parts: TemplateStringsArray, ...values: (string | Html)[]): Html {
  let markup = parts[0] as string
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] as string | Html
    markup += (typeof value === 'string' ? escaped(value) : value.markup) + parts[index + 1]
  }
  return trusted(markup)
}

/** The parts that are there, one below the other. */
export function lines(parts: (Html | undefined)[], separator = '\n'): Html {
  let markup = ''
  for (const part of parts) {
    if (part && part.markup !== '') markup += markup === '' ? part.markup : separator + part.markup
  }
  return trusted(markup)
}

/**
 * A moment that Telegram shows in the reader's own zone, and `text` where it can't. `format`: one of each `w`, `d` or `D`, `t` or `T` (Bot
 * API, date_time). Plain text where it is out of the range that Telegram's parser takes: positive seconds in 32 bits.
 */
export function date(milliseconds: number, format: 'dT' | 'T' | 'dt' | 't', text: string): Html {
  const unix = Math.floor(milliseconds / 1_000)
  if (!(unix > 0 && unix < 2 ** 31)) return html`${text}`
  return trusted(`<tg-time unix="${unix}" format="${format}">${escaped(text)}</tg-time>`)
}

/** Markup that was made here, and kept as text since. */
export function stored(markup: string): Html {
  return trusted(markup)
}

/** What a reader sees of it: for a message without parse mode, and for counting its length. */
export function plainText({ markup }: Pick<Html, 'markup'>): string {
  return markup
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}

// Telegram's parser wants no more than these three in text (TDLib MessageEntity.cpp, parse_html).
const special = /[&<>]/

function escaped(value: string): string {
  // JSON may carry half a surrogate pair; Telegram then refuses the whole message: "text must be encoded in UTF-8".
  const text = value.isWellFormed() ? value : value.toWellFormed()
  if (!special.test(text)) return text
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function trusted(markup: string): Html {
  return { markup } as Html
}
