import { parseJson } from '../core/json.ts'

/** One formatted range of a text, as the Bot API describes it. Offsets and lengths count UTF-16 units. */
export interface Entity {
  type: EntityType
  offset: number
  length: number
  /** Only of a `text_link`. */
  url?: string
  /** Only of a `pre`. */
  language?: string
  /** Only of a `date_time`: seconds since the Unix epoch. */
  unix?: number
  /** Only of a `date_time`: `r`, or up to one of each `w`, `d` or `D`, `t` or `T`. */
  format?: string
  /** Only of a `text_mention`. */
  userId?: number
  /** Only of a `custom_emoji`. */
  emojiId?: string
}

export type EntityType = keyof typeof rank

/** The order in which TDLib lists entities of one range (MessageEntity.cpp, get_type_priority; measured). */
const rank = {
  blockquote: 0,
  expandable_blockquote: 0,
  pre: 11,
  code: 20,
  date_time: 48,
  text_link: 49,
  text_mention: 49,
  bold: 90,
  italic: 91,
  underline: 92,
  strikethrough: 93,
  spoiler: 94,
  custom_emoji: 99,
} as const

/** Outer before inner: by offset, then the longer, then by type. */
export function sortEntities(entities: readonly Entity[]): Entity[] {
  return entities.toSorted((a, b) => a.offset - b.offset || b.length - a.length || rankOf(a) - rankOf(b))
}

/** The entity in the Bot API's own field names. */
export function entityJson({ unix, format, userId, emojiId, ...entity }: Entity): Record<string, unknown> {
  return {
    ...entity,
    ...(unix !== undefined && { unix_time: unix, date_time_format: format ?? '' }),
    ...(userId !== undefined && { user: { id: userId, is_bot: false, first_name: `User ${userId}` } }),
    ...(emojiId !== undefined && { custom_emoji_id: emojiId }),
  }
}

/** A part of a text with the same entities, outermost first. */
export interface TextRun {
  text: string
  entities: Entity[]
}

export function runsOf(text: string, entities: readonly Entity[]): TextRun[] {
  const bounds = entities.flatMap(({ offset, length }) => [offset, offset + length])
  const cuts = [...new Set([0, ...bounds, text.length])].filter((cut) => cut <= text.length).toSorted((a, b) => a - b)
  return cuts.slice(0, -1).map((from, index) => ({
    text: text.slice(from, cuts[index + 1]),
    entities: entities.filter(({ offset, length }) => offset <= from && from < offset + length),
  }))
}

/** A `<pre>` with a language comes before one without: TDLib ranks them 10 and 11. */
function rankOf({ type, language }: Entity): number {
  return type === 'pre' && language !== undefined ? 10 : rank[type]
}

/** Telegram's servers refuse dates more than about three years ahead (tdlib/telegram-bot-api issue 852). */
export function dateProblem({ entities }: { entities: Entity[] }, now: number): string | undefined {
  const latest = now / 1_000 + 3 * 365 * 86_400
  return entities.some(({ unix = 0 }) => unix > latest) ? 'ENTITY_DATE_INVALID' : undefined
}

export type ReadEntities = { kind: 'read'; entities: Entity[] } | { kind: 'refused'; why: string }

/**
 * Reads the `entities` parameter, which replaces markup: JSON, or JSON as text in a form (Client.cpp, get_text_entity). Unlike Telegram,
 * the emulator does not support links, dates and emoji here.
 */
export function readEntities(given: unknown): ReadEntities {
  const list = typeof given === 'string' ? parseJson(given) : given
  // Anything else than a list counts as an empty list.
  if (!Array.isArray(list)) return { kind: 'read', entities: [] }
  const entities: Entity[] = []
  for (const one of list) {
    const entity = readEntity(one)
    if (typeof entity === 'string') return { kind: 'refused', why: `can't parse MessageEntity: ${entity}` }
    if (entity) entities.push(entity)
  }
  return { kind: 'read', entities: sortEntities(entities) }
}

const taken: ReadonlySet<string> = new Set([
  ...['bold', 'italic', 'underline', 'strikethrough', 'spoiler'],
  ...['code', 'pre', 'blockquote', 'expandable_blockquote'],
])
// Telegram detects these itself, and ignores given ones.
const found: ReadonlySet<string> = new Set([
  ...['mention', 'hashtag', 'cashtag', 'bot_command'],
  ...['url', 'email', 'phone_number', 'bank_card_number'],
])

function readEntity(given: unknown): Entity | string | undefined {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return 'expected an Object'
  const { type, offset, length, language } = given as Record<string, unknown>
  if (type === undefined) return `Can't find field "type"`
  if (found.has(String(type))) return undefined
  if (!taken.has(String(type))) return 'Unsupported type specified'
  const range = { offset: Number(offset), length: Number(length) }
  if (!Number.isSafeInteger(range.offset)) return `Field "offset" must be of type Number`
  if (!Number.isSafeInteger(range.length)) return `Field "length" must be of type Number`
  return {
    type: type as Entity['type'],
    ...range,
    ...(type === 'pre' && language ? { language: String(language) } : {}),
  }
}

/** Finds entities outside of the text, or that split a character (MessageEntity.cpp, clean_input_string_with_entities). */
export function rangeProblem(text: string, entities: readonly Entity[]): string | undefined {
  const splitsCharacter = (at: number) => /^[\ud800-\udbff][\udc00-\udfff]/.test(text.slice(at - 1, at + 1))
  const bytesTo = (at: number) => Buffer.byteLength(text.slice(0, at + 1))
  for (const { offset, length } of entities) {
    const end = offset + length
    if (offset < 0) return `receive an entity with incorrect offset ${offset}`
    if (length < 0) return `receive an entity with incorrect length ${length}`
    if (offset > text.length) return `entity begins after the end of the text at UTF-16 offset ${offset}`
    if (splitsCharacter(offset)) return `entity begins in a middle of a UTF-16 symbol at byte offset ${bytesTo(offset)}`
    const begins = `entity beginning at UTF-16 offset ${offset}`
    if (end > text.length) return `${begins} ends after the end of the text at UTF-16 offset ${end}`
    if (splitsCharacter(end)) return `${begins} ends in a middle of a UTF-16 symbol at byte offset ${bytesTo(end)}`
  }
  return undefined
}
