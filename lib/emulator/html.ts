import { type Entity, sortEntities } from './entity.ts'
import { checkLink, linkedUser } from './link.ts'

export type ParsedHtml = { kind: 'parsed'; text: string; entities: Entity[] } | { kind: 'refused'; why: string }

/**
 * Telegram's HTML parse mode with its error texts and byte offsets (TDLib: MessageEntity.cpp, parse_html).
 * Works on a string with one character per UTF-8 byte and a final NUL, because TDLib's offsets count bytes.
 */
export function parseHtml(html: string): ParsedHtml {
  const source = `${Buffer.from(html).toString('latin1')}\0`
  const entities: Entity[] = []
  const open: OpenTag[] = []
  let output = ''
  let offset = 0
  let hasSurrogate = false
  let at = 0
  while (at < source.length - 1) {
    const reference = source[at] === '&' ? readReference(source, at) : undefined
    if (reference) {
      output += utf8(reference.codePoint)
      offset += reference.codePoint > 0xffff ? 2 : 1
      hasSurrogate ||= isSurrogate(reference.codePoint)
      at = reference.next
    } else if (source[at] !== '<') {
      const byte = source.charCodeAt(at)
      if (byte < 0x80 || byte >= 0xc0) offset += byte >= 0xf0 ? 2 : 1
      output += source[at++]
    } else if (source[at + 1] !== '/') {
      const tag = readStartTag(source, at)
      if (typeof tag === 'string') return { kind: 'refused', why: tag }
      open.push({ ...tag.open, offset, outputFrom: output.length })
      at = tag.next
    } else {
      const tag = open.pop()
      if (!tag) return { kind: 'refused', why: `Unexpected end tag at byte offset ${at}` }
      const end = readEndTag(source, at, tag.name)
      if (typeof end === 'string') return { kind: 'refused', why: end }
      const linkText = tag.name === 'a' ? fromBytes(output.slice(tag.outputFrom)) : ''
      const why = offset > tag.offset && closeTag(entities, tag, offset - tag.offset, linkText)
      if (why) return { kind: 'refused', why }
      at = end.next
    }
  }
  const unclosed = open.at(-1)
  if (unclosed) return { kind: 'refused', why: `Can't find end tag corresponding to start tag "${unclosed.name}"` }
  if (hasSurrogate) return { kind: 'refused', why: surrogateProblem }
  return { kind: 'parsed', text: fromBytes(output), entities: sortEntities(entities.map(withoutCodeLanguage)) }
}

const surrogateProblem =
  'Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units'

/** Only `&lt; &gt; &amp; &quot;` and numbers are decoded; the semicolon may be missing. */
function readReference(source: string, at: number): { codePoint: number; next: number } | undefined {
  const [reference, hex, decimal, name] = match(source, at, /&(?:#x([0-9a-fA-F]*)|#([0-9]*)|([a-zA-Z]*))/y) ?? ['']
  const codePoint =
    name === undefined ? Number.parseInt(hex ?? decimal ?? '', hex === undefined ? 10 : 16) : named.get(name)
  if (!codePoint || (name === undefined && (codePoint >= 0x10ffff || reference.length >= 10))) return undefined
  const end = at + reference.length
  return { codePoint, next: source[end] === ';' ? end + 1 : end }
}

const named: ReadonlyMap<string, number> = new Map([
  ['lt', 0x3c],
  ['gt', 0x3e],
  ['amp', 0x26],
  ['quot', 0x22],
])

function readStartTag(source: string, begin: number): { open: OpenTag; next: number } | string {
  let at = skip(source, begin + 1, name)
  if (source[at] === '\0') return `Unclosed start tag at byte offset ${begin}`
  const tag: OpenTag = { name: lower(source.slice(begin + 1, at)), argument: '', unix: 0, offset: 0, outputFrom: 0 }
  if (!tagNames.has(tag.name)) return `Unsupported start tag "${fromBytes(tag.name)}" at byte offset ${begin}`
  while (source[at] !== '>') {
    at = skip(source, at, spaces)
    if (source[at] === '>') break
    const nameEnd = skip(source, at, /[^ \t\r\n\0\v=>/"']*/y)
    const attribute = source.slice(at, nameEnd)
    if (!attribute) return `Empty attribute name in the tag "${tag.name}" at byte offset ${begin}`
    at = skip(source, nameEnd, spaces)
    const hasValue = source[at] === '='
    if (hasValue) at = skip(source, at + 1, spaces)
    if (source[at] === '\0') return `Unclosed start tag "${tag.name}" at byte offset ${begin}`
    const value = hasValue ? readValue(source, at) : undefined
    if (typeof value === 'string') return value
    at = value?.next ?? at
    if (source[at] === '\0') return `Unclosed start tag at byte offset ${begin}`
    takeAttribute(tag, attribute, value && fromBytes(value.text))
  }
  if (tag.name === 'span' && tag.argument !== 'spoiler') {
    return `Tag "span" must have class "tg-spoiler" at byte offset ${begin}`
  }
  return { open: tag, next: at + 1 }
}

function readValue(source: string, begin: number): { text: string; next: number } | string {
  const quote = source[begin]
  if (quote !== '"' && quote !== "'") {
    const next = skip(source, begin, /[a-zA-Z0-9.-]*/y)
    if (!/[ \t\r\n\0\v>]/.test(source[next] ?? '\0')) return `Unexpected end of name token at byte offset ${begin}`
    return { text: lower(source.slice(begin, next)), next }
  }
  let text = ''
  let at = begin + 1
  while (source[at] !== quote && source[at] !== '\0') {
    const reference = source[at] === '&' ? readReference(source, at) : undefined
    text += reference ? utf8(reference.codePoint) : source[at]
    at = reference?.next ?? at + 1
  }
  return { text, next: source[at] === quote ? at + 1 : at }
}

/** `</>` closes the innermost open tag. */
function readEndTag(source: string, begin: number, expected: string): { next: number } | string {
  const nameEnd = skip(source, begin + 2, name)
  const found = lower(source.slice(begin + 2, nameEnd))
  const at = skip(source, nameEnd, spaces)
  if (source[at] !== '>') return `Unclosed end tag at byte offset ${begin}`
  if (found && found !== expected) {
    return `Unmatched end tag at byte offset ${begin}, expected "</${expected}>", found "</${fromBytes(found)}>"`
  }
  return { next: at + 1 }
}

function withoutCodeLanguage(entity: Entity): Entity {
  const { language: _, ...code } = entity
  return entity.type === 'code' ? code : entity
}

const spaces = /[ \t\r\n\v]*/y
const name = /[^ \t\r\n\0\v>]*/y

function skip(source: string, at: number, pattern: RegExp): number {
  return at + (match(source, at, pattern)?.[0].length ?? 0)
}

function match(source: string, at: number, pattern: RegExp): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(source)
}

function lower(bytes: string): string {
  return bytes.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}

/** Half a surrogate pair has no UTF-8. Three placeholder bytes stand for it, because the text is refused later. */
function utf8(codePoint: number): string {
  return isSurrogate(codePoint) ? '???' : Buffer.from(String.fromCodePoint(codePoint)).toString('latin1')
}

function isSurrogate(codePoint: number): boolean {
  return codePoint >= 0xd800 && codePoint <= 0xdfff
}

function fromBytes(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

/** A tag that is not closed yet. */
interface OpenTag {
  name: string
  /** The one attribute that matters to the tag: href, language, class, emoji-id, format, or '1' for expandable. */
  argument: string
  /** The unix attribute of `tg-time`. */
  unix: number
  /** The start of its text in UTF-16 units. */
  offset: number
  /** The start of its text in bytes. */
  outputFrom: number
}

const tagNames: ReadonlySet<string> = new Set(
  'a b strong i em s strike del u ins tg-spoiler tg-emoji tg-time span pre code blockquote'.split(' '),
)

/** Stores an attribute if it matters to the tag. */
function takeAttribute(tag: OpenTag, name: string, value: string | undefined): void {
  const key = `${tag.name} ${name}`
  if (key === 'blockquote expandable') tag.argument = '1'
  if (value === undefined) return
  if (key === 'a href' || key === 'tg-emoji emoji-id' || key === 'tg-time format') tag.argument = value
  if (key === 'code class' && value.startsWith('language-')) tag.argument = value.slice('language-'.length)
  if (key === 'span class' && value.startsWith('tg-')) tag.argument = value.slice('tg-'.length)
  if (key === 'tg-time unix') tag.unix = int32(value)
}

/** Adds the closed tag's entity, or returns why it can't. */
function closeTag(entities: Entity[], tag: OpenTag, length: number, linkText: string): string | undefined {
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

/** Telegram ignores an invalid link and keeps its text. */
function closeLink(entities: Entity[], range: Pick<Entity, 'offset' | 'length'>, href: string): void {
  const userId = linkedUser(href)
  if (userId !== undefined) {
    entities.push({ type: 'text_mention', ...range, userId })
    return
  }
  const link = checkLink(href)
  if (link.kind === 'valid') entities.push({ type: 'text_link', ...range, url: link.url })
}

/** A `code` with a language becomes a `pre` if a `pre` surrounds it. */
function closeCode(entities: Entity[], { name, argument, offset }: OpenTag, length: number): void {
  const last = entities.at(-1)
  const isSameRange = last?.offset === offset && last.length === length
  if (name === 'pre') {
    if (isSameRange && last.type === 'code' && last.language) last.type = 'pre'
    else entities.push({ type: 'pre', offset, length })
  } else if (isSameRange && last.type === 'pre' && last.language === undefined && argument) last.language = argument
  else entities.push({ type: 'code', offset, length, ...(argument && { language: argument }) })
}

/** Letters may repeat in any order; the short form takes precedence. `r` must be alone. */
function dateFormat(letters: string): string | undefined {
  if (/^r$/i.test(letters)) return 'r'
  if (!/^[tTdDwW]*$/.test(letters)) return undefined
  const shortest = (short: string, long: string) =>
    letters.includes(short) ? short : letters.includes(long) ? long : ''
  return (/w/i.test(letters) ? 'w' : '') + shortest('d', 'D') + shortest('t', 'T')
}

/** Like TDLib's to_integer: reads digits up to another character, and wraps at 32 bits. */
function int32(text: string): number {
  const [, sign = '', digits = ''] = /^(-?)(\d*)/.exec(text) ?? []
  return Number(BigInt.asIntN(32, BigInt(`${digits || 0}`) * (sign ? -1n : 1n)))
}

function isInteger64(text: string): boolean {
  return /^-?[1-9]\d{0,18}$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text)
}
