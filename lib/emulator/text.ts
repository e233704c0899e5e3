import { type Entity, rangeProblem, readEntities, sortEntities } from './entity.ts'
import { parseHtml } from './html.ts'

export interface FormattedText {
  text: string
  entities: Entity[]
}

export type ParsedText = { kind: 'read'; formatted: FormattedText } | { kind: 'refused'; why: string }

/** The checks of the Bot API server, before those of the chat (Client.cpp, get_formatted_text). */
export function readText(text: string, parseMode: string, given?: unknown): ParsedText {
  if (text === '') return { kind: 'refused', why: 'message text is empty' }
  if (Buffer.byteLength(text) > 32_768) return { kind: 'refused', why: 'text is too long' }
  const mode = parseMode.toLowerCase()
  if (mode === '' || mode === 'none') {
    const read = readEntities(given)
    return read.kind === 'read' ? { kind: 'read', formatted: { text, entities: read.entities } } : read
  }
  // Unlike Telegram, the emulator supports neither Markdown nor MarkdownV2.
  if (mode !== 'html') return { kind: 'refused', why: 'unsupported parse_mode' }
  if (!text.isWellFormed()) return { kind: 'refused', why: 'text must be encoded in UTF-8' }
  const parsed = parseHtml(text)
  if (parsed.kind === 'refused') return { kind: 'refused', why: `can't parse entities: ${parsed.why}` }
  return { kind: 'read', formatted: { text: parsed.text, entities: parsed.entities } }
}

/** The text as Telegram stores it: cleaned, trimmed, with normalised entities (MessageEntity.cpp, fix_formatted_text). */
export function tidyText({ text, entities }: FormattedText): ParsedText {
  if (!text.isWellFormed()) return { kind: 'refused', why: 'strings must be encoded in UTF-8' }
  const why = rangeProblem(text, entities)
  if (why !== undefined) return { kind: 'refused', why }
  const cleaned = trim(clean({ text, entities }))
  if (cleaned.text === '') return { kind: 'refused', why: 'text must be non-empty' }
  const tidied = sortEntities(withoutConflicts(cleaned.entities))
  return { kind: 'read', formatted: { text: cleaned.text, entities: firstHundred(tidied) } }
}

export function codePointCount(text: string): number {
  return [...text].length
}

/** Control characters become spaces; `\r`, bidirectional marks and combining lines are removed (misc.cpp, clean_input_string). */
function clean({ text, entities }: FormattedText): FormattedText {
  const removed = /[\r\u2028-\u202e]|\u0333|\u033f|\u030a/
  const shift = [0]
  for (const unit of text.split('')) shift.push((shift.at(-1) ?? 0) + (removed.test(unit) ? 0 : 1))
  const remaining = text.replace(new RegExp(removed, 'g'), '').replace(/\p{Cc}/gu, spaced)
  return {
    text: withoutMarkRuns(remaining),
    entities: entities.map((entity) => moved(entity, (at) => shift[at] ?? at)),
  }
}

// DEL and the control characters above it stay.
function spaced(control: string): string {
  return control === '\n' || control >= '\u007f' ? control : ' '
}

/** In a row of direction marks, all but the last become zero-width non-joiners. */
function withoutMarkRuns(text: string): string {
  return text.replace(/[\u200e\u200f](?=[\u200e\u200f])/g, '\u200c')
}

/** Removes spaces at the end, and at the beginning up to the first entity. */
function trim({ text, entities }: FormattedText): FormattedText {
  const end = text.replace(/[ \n]+$/, '').length
  const blank = /^[ \n]*/.exec(text)?.[0].length ?? 0
  const begin = Math.min(blank, entities[0]?.offset ?? blank, end)
  const within = (at: number) => Math.max(0, Math.min(at, end) - begin)
  return { text: text.slice(begin, end), entities: entities.map((entity) => moved(entity, within)).filter(hasLength) }
}

function moved(entity: Entity, where: (at: number) => number): Entity {
  const offset = where(entity.offset)
  return { ...entity, offset, length: where(entity.offset + entity.length) - offset }
}

function hasLength({ length }: Entity): boolean {
  return length > 0
}

const styles: ReadonlySet<string> = new Set(['bold', 'italic', 'underline', 'strikethrough', 'spoiler'])

/** Removes styles within code and the later one of overlapping links or quotes, and joins adjacent styles. */
function withoutConflicts(entities: readonly Entity[]): Entity[] {
  const blocks: Entity[] = []
  for (const entity of entities.filter(({ type }) => !styles.has(type))) {
    const isQuote = (block: Entity) => block.type.endsWith('blockquote')
    const rivals = blocks.filter((block) => isQuote(block) === isQuote(entity) || !contains(block, entity))
    if (!rivals.some((rival) => overlaps(rival, entity))) blocks.push(entity)
  }
  const codes = blocks.filter(({ type }) => type === 'code' || type === 'pre')
  return [
    ...blocks,
    ...[...styles].flatMap((style) =>
      merged(
        entities.filter(({ type }) => type === style),
        codes,
      ),
    ),
  ]
}

function contains(outer: Entity, inner: Entity): boolean {
  return outer.offset <= inner.offset && inner.offset + inner.length <= outer.offset + outer.length
}

function overlaps(a: Entity, b: Entity): boolean {
  return a.offset < b.offset + b.length && b.offset < a.offset + a.length
}

function merged(entities: readonly Entity[], codes: readonly Entity[]): Entity[] {
  const result: Entity[] = []
  for (const entity of entities.flatMap((one) => without(one, codes))) {
    const last = result.at(-1)
    if (!last || last.offset + last.length < entity.offset) result.push(entity)
    else last.length = Math.max(last.length, entity.offset + entity.length - last.offset)
  }
  return result
}

function without(entity: Entity, codes: readonly Entity[]): Entity[] {
  return codes.reduce<Entity[]>(
    (parts, code) =>
      parts.flatMap((part) => {
        if (!overlaps(part, code)) return [part]
        const codeEnd = code.offset + code.length
        const before = { ...part, length: code.offset - part.offset }
        const behind = { ...part, offset: codeEnd, length: part.offset + part.length - codeEnd }
        return [before, behind].filter(hasLength)
      }),
    [{ ...entity }],
  )
}

/** Telegram silently drops entities after the 100th, styles first (MessageEntity.cpp). */
function firstHundred(entities: readonly Entity[]): Entity[] {
  const blocks = entities.filter(({ type }) => !styles.has(type))
  const styled = entities.filter(({ type }) => styles.has(type))
  return sortEntities([...blocks, ...styled].slice(0, 100))
}
