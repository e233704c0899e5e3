/** One formatted range of a text, as the Bot API describes it. Offsets and lengths count UTF-16 units. */
export interface Entity {
  type: EntityType
  offset: number
  length: number
  /** Of a `text_link`. */
  url?: string
  /** Of a `pre`. */
  language?: string
  /** Of a `date_time`: seconds since the Unix epoch. */
  unix?: number
  /** Of a `date_time`: `r`, or up to one of each `w`, `d` or `D`, `t` or `T`. */
  format?: string
  /** Of a `text_mention`. */
  userId?: number
  /** Of a `custom_emoji`. */
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

/** A stretch of text under the same entities, outermost first. */
export interface Run {
  text: string
  entities: Entity[]
}

export function runsOf(text: string, entities: readonly Entity[]): Run[] {
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

/** Telegram's servers take no date that is more than about three years ahead (tdlib/telegram-bot-api issue 852). */
export function dateProblem({ entities }: { entities: Entity[] }, now: number): string | undefined {
  const latest = now / 1_000 + 3 * 365 * 86_400
  return entities.some(({ unix = 0 }) => unix > latest) ? 'ENTITY_DATE_INVALID' : undefined
}
