import { type Entity, sortEntities } from './entity.ts'

export type Given = { kind: 'read'; entities: Entity[] } | { kind: 'refused'; why: string }

/**
 * The entities that a text is given instead of markup, as JSON or, in a form, as its text (Client.cpp, get_text_entity). Telegram also knows
 * links, dates and emoji; the emulator does not.
 */
export function readEntities(given: unknown): Given {
  const list = typeof given === 'string' ? parse(given) : given
  // What is no list counts as none.
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
// Telegram finds these by itself, and passes over those that it is given.
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

/** Entities that lie outside of their text, or part a character (MessageEntity.cpp, clean_input_string_with_entities). */
export function rangeProblem(text: string, entities: readonly Entity[]): string | undefined {
  const isParted = (at: number) => /^[\ud800-\udbff][\udc00-\udfff]/.test(text.slice(at - 1, at + 1))
  const bytesTo = (at: number) => Buffer.byteLength(text.slice(0, at + 1))
  for (const { offset, length } of entities) {
    const end = offset + length
    if (offset < 0) return `receive an entity with incorrect offset ${offset}`
    if (length < 0) return `receive an entity with incorrect length ${length}`
    if (offset > text.length) return `entity begins after the end of the text at UTF-16 offset ${offset}`
    if (isParted(offset)) return `entity begins in a middle of a UTF-16 symbol at byte offset ${bytesTo(offset)}`
    const begins = `entity beginning at UTF-16 offset ${offset}`
    if (end > text.length) return `${begins} ends after the end of the text at UTF-16 offset ${end}`
    if (isParted(end)) return `${begins} ends in a middle of a UTF-16 symbol at byte offset ${bytesTo(end)}`
  }
  return undefined
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
