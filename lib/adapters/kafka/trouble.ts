import { isObject } from '../../core/json.ts'
import { table } from './troubles.ts'

/** What is wrong between the program and Kafka, and what to do about it. */
export interface Trouble {
  /** One sentence without secrets. */
  says: string
  advice: string
}

interface Known {
  topics?: string[]
  group?: string
  /** The address that was asked, for errors that do not name it. */
  broker?: string | undefined
}

/** An error of kafkajs, or of what lies below it, in words. Total: for whatever was thrown. */
export function troubleOf(error: unknown, { topics = [], group, broker }: Known = {}): Trouble {
  const chain = chainOf(error)
  const where = chain.map((link) => link.broker).find((address) => typeof address === 'string') ?? broker
  const context = { at: where === undefined ? 'a broker' : `the broker ${where}`, topics, group }
  for (const row of table) {
    const found = chain.find(
      ({ type, code, name, message }) =>
        [type, code, name].some((word) => row.words.includes(textOf(word))) || row.form?.test(textOf(message)),
    )
    if (found) return { says: row.says(context, oneLine(found.message)), advice: row.advice(context) }
  }
  return {
    says: `Kafka: ${oneLine(chain.at(-1)?.message ?? error)}`,
    advice: 'LOG_LEVEL=debug logs what the client does',
  }
}

interface Link {
  name?: unknown
  message?: unknown
  type?: unknown
  code?: unknown
  broker?: unknown
}

/** An error and its causes, outermost first. */
function chainOf(error: unknown): Link[] {
  const chain: Link[] = []
  let next = error
  while (isObject(next) && chain.length < 10) {
    chain.push(next as Link)
    next = next.cause
  }
  return chain.length > 0 ? chain : [{ message: error }]
}

function oneLine(message: unknown): string {
  return textOf(message)
    .replace(/^Connection error: /, '')
    .replace(/\s+/g, ' ')
    .slice(0, 300)
}

/** Not everything that can be thrown can be made a text. */
function textOf(value: unknown): string {
  return typeof value === 'object' || typeof value === 'function' ? 'an error without words' : String(value)
}
