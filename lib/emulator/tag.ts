import type { Entity } from './entity.ts'
import { checkLink, linkedUser } from './link.ts'

/** A tag that was opened and not closed yet. */
export interface OpenTag {
  name: string
  /** The one attribute that matters to the tag: href, language, class, emoji-id, format, or '1' for expandable. */
  argument: string
  /** Of `tg-time`: the unix attribute. */
  unix: number
  /** Where its text begins, in UTF-16 units. */
  offset: number
  /** Where its text begins, in bytes of the text so far. */
  outputFrom: number
}

export const tagNames: ReadonlySet<string> = new Set(
  'a b strong i em s strike del u ins tg-spoiler tg-emoji tg-time span pre code blockquote'.split(' '),
)

/** Takes up an attribute that matters to this tag. */
export function takeAttribute(tag: OpenTag, name: string, value: string | undefined): void {
  const key = `${tag.name} ${name}`
  if (key === 'blockquote expandable') tag.argument = '1'
  if (value === undefined) return
  if (key === 'a href' || key === 'tg-emoji emoji-id' || key === 'tg-time format') tag.argument = value
  if (key === 'code class' && value.startsWith('language-')) tag.argument = value.slice('language-'.length)
  if (key === 'span class' && value.startsWith('tg-')) tag.argument = value.slice('tg-'.length)
  if (key === 'tg-time unix') tag.unix = int32(value)
}

/** Adds what the closed tag says about its text to `entities`, or tells why it cannot. */
export function closeTag(entities: Entity[], tag: OpenTag, length: number, linkText: string): string | undefined {
  const { name, argument, offset, unix } = tag
  const style = styles[name]
  if (style) entities.push({ type: style, offset, length })
  else if (name === 'blockquote') {
    entities.push({ type: argument ? 'expandable_blockquote' : 'blockquote', offset, length })
  } else if (name === 'tg-emoji') {
    if (!isInteger64(argument)) return 'Invalid custom emoji identifier specified'
    entities.push({ type: 'custom_emoji', offset, length, emojiId: argument })
  } else if (name === 'tg-time') {
    const format = dateFormat(argument)
    if (format === undefined) return 'Invalid date format used'
    if (unix > 0) entities.push({ type: 'date_time', offset, length, unix, format })
  } else if (name === 'a') closeLink(entities, { offset, length }, argument || linkText)
  else closeCode(entities, tag, length)
  return undefined
}

const styles: Readonly<Record<string, Entity['type']>> = {
  b: 'bold',
  strong: 'bold',
  i: 'italic',
  em: 'italic',
  u: 'underline',
  ins: 'underline',
  s: 'strikethrough',
  strike: 'strikethrough',
  del: 'strikethrough',
  span: 'spoiler',
  'tg-spoiler': 'spoiler',
}

/** A link that Telegram does not accept is dropped, and its text stays. */
function closeLink(entities: Entity[], range: Pick<Entity, 'offset' | 'length'>, href: string): void {
  const userId = linkedUser(href)
  if (userId !== undefined) {
    entities.push({ type: 'text_mention', ...range, userId })
    return
  }
  const link = checkLink(href)
  if (link.kind === 'valid') entities.push({ type: 'text_link', ...range, url: link.url })
}

/** While parsing, a `code` remembers its language: a `pre` around it makes it one. */
function closeCode(entities: Entity[], { name, argument, offset }: OpenTag, length: number): void {
  const last = entities.at(-1)
  const isSameRange = last?.offset === offset && last.length === length
  if (name === 'pre') {
    if (isSameRange && last.type === 'code' && last.language) last.type = 'pre'
    else entities.push({ type: 'pre', offset, length })
  } else if (isSameRange && last.type === 'pre' && last.language === undefined && argument) last.language = argument
  else entities.push({ type: 'code', offset, length, ...(argument && { language: argument }) })
}

/** Letters in any number and order give one of each kind, the short form winning; `r` stands alone. */
function dateFormat(letters: string): string | undefined {
  if (/^r$/i.test(letters)) return 'r'
  if (!/^[tTdDwW]*$/.test(letters)) return undefined
  const shortest = (short: string, long: string) =>
    letters.includes(short) ? short : letters.includes(long) ? long : ''
  return (/w/i.test(letters) ? 'w' : '') + shortest('d', 'D') + shortest('t', 'T')
}

/** As TDLib's to_integer: digits up to the first other character, wrapping at 32 bits. */
function int32(text: string): number {
  const [, sign = '', digits = ''] = /^(-?)(\d*)/.exec(text) ?? []
  return Number(BigInt.asIntN(32, BigInt(`${digits || 0}`) * (sign ? -1n : 1n)))
}

function isInteger64(text: string): boolean {
  return /^-?[1-9]\d{0,18}$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text)
}
