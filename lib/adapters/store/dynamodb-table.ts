import { StateUnavailable } from '../../pipeline/ports.ts'
import { callTable, patienceMilliseconds, pauseAfter, type Table } from './dynamodb-call.ts'
import { type Attributes, fromAttributes, index, toAttributes, type Values } from './dynamodb-layout.ts'

/** The item as the write left it, or, if the condition did not hold, as it was found: `{}` where there is none. */
export interface Tried {
  isSaved: boolean
  values: Values
}

/** Tells a write of this very call, whose answer was lost, from somebody else's. */
type IsMine = (found: Values) => boolean

// Amazon DynamoDB developer guide, BatchGetItem.
const mostKeys = 100
const batchesAtOnce = 4

/** What the store does with its table. Items past `keptUntil` are not there. */
export function openTable(place: Table) {
  const { table, clock } = place

  async function readBatch(keys: string[]): Promise<Values[]> {
    const giveUpAt = clock.now() + patienceMilliseconds
    const found: Values[] = []
    let missing = keys.map((key) => toAttributes({ key }))
    for (let tries = 0; ; tries += 1) {
      const body = { RequestItems: { [table]: { Keys: missing, ConsistentRead: true } } }
      const { answer } = await callTable('BatchGetItem', body, place)
      const { Responses: read = {}, UnprocessedKeys: unread = {} } = answer as BatchAnswer
      found.push(...(read[table] ?? []).map(fromAttributes))
      missing = unread[table]?.Keys ?? []
      if (missing.length === 0) return found
      const pause = pauseAfter(tries)
      if (clock.now() + pause > giveUpAt)
        throw new StateUnavailable(`DynamoDB table ${table} leaves ${missing.length} of ${keys.length} items unread`)
      await clock.sleep(pause)
    }
  }

  async function tryTo(operation: string, body: object, isMine: IsMine): Promise<Tried & { isNew: boolean }> {
    const request = { TableName: table, ReturnValuesOnConditionCheckFailure: 'ALL_OLD', ...body }
    const { answer, unmet, wasUnclear } = await callTable(operation, request, place)
    if (unmet) return { isSaved: wasUnclear && isMine(unmet), values: unmet, isNew: false }
    return { isSaved: true, values: fromAttributes((answer.Attributes ?? {}) as Attributes), isNew: true }
  }

  return {
    /** Consistently, in any order. */
    async read(keys: string[]): Promise<Values[]> {
      const unique = [...new Set(keys)]
      const batches = Array.from({ length: Math.ceil(unique.length / mostKeys) }, (_, at) =>
        unique.slice(at * mostKeys, (at + 1) * mostKeys),
      )
      const queue = batches.values()
      const worker = async () => {
        const read: Values[] = []
        for (const batch of queue) read.push(...(await readBatch(batch)))
        return read
      }
      return (await Promise.all(Array.from({ length: batchesAtOnce }, worker))).flat()
    },

    /** Consistently; `{}` where there is none. */
    async get(key: string): Promise<Values> {
      const body = { TableName: table, Key: toAttributes({ key }), ConsistentRead: true }
      const { answer } = await callTable('GetItem', body, place)
      return fromAttributes((answer.Item ?? {}) as Attributes)
    },

    /** The whole item, whatever is there. */
    async replace(item: Values): Promise<void> {
      await callTable('PutItem', { TableName: table, Item: toAttributes(item) }, place)
    },

    /** The whole item, if there is none, or none but one that has `before`. */
    async put(item: Values, before: Values | undefined, isMine: IsMine): Promise<Tried> {
      const condition = before ? hasStill(before, clock.now()) : isNotThere(clock.now())
      const tried = await tryTo('PutItem', { Item: toAttributes(item), ...condition }, isMine)
      return tried.isNew ? { isSaved: true, values: item } : tried
    },

    /** Some attributes of an item that has `before`: what is undefined is removed. Raises revision. */
    update(key: string, changes: Values, before: Values, isMine: IsMine): Promise<Tried> {
      const names = Object.keys(changes)
      const removed = names.filter((name) => changes[name] === undefined)
      const set = names.filter((name) => changes[name] !== undefined)
      const condition = hasStill(before, clock.now())
      const body = {
        Key: toAttributes({ key }),
        UpdateExpression: [
          `SET ${set.map((name) => `#${name} = :${name}`).join(', ')}`,
          ...(removed.length > 0 ? [`REMOVE ${removed.map((name) => `#${name}`).join(', ')}`] : []),
          'ADD #revision :one',
        ].join(' '),
        ConditionExpression: condition.ConditionExpression,
        ExpressionAttributeNames: { ...condition.ExpressionAttributeNames, ...named([...names, 'revision']) },
        ExpressionAttributeValues: { ...condition.ExpressionAttributeValues, ...valued({ ...changes, one: 1 }) },
        ReturnValues: 'ALL_NEW',
      }
      return tryTo('UpdateItem', body, isMine)
    },

    async remove(key: string): Promise<void> {
      await callTable('DeleteItem', { TableName: table, Key: toAttributes({ key }) }, place)
    },

    /**
     * What the index holds under `list`, lowest `at` first; soon after it was written, not at once. With `most` only so many of those that
     * `isWanted` accepts.
     */
    async list(list: string, { most = Number.POSITIVE_INFINITY, isWanted = () => true }: Listing = {}) {
      const found: Values[] = []
      let start: object = {}
      for (;;) {
        const body = {
          TableName: table,
          IndexName: index,
          KeyConditionExpression: '#list = :list',
          FilterExpression: isThere,
          ExpressionAttributeNames: named(['list', 'keptUntil']),
          ExpressionAttributeValues: valued({ list, now: clock.now() }),
          ...(Number.isFinite(most) ? { Limit: most } : {}),
          ...start,
        }
        const { answer } = await callTable('Query', body, place)
        const { Items: items = [], LastEvaluatedKey: last } = answer as QueryAnswer
        found.push(...items.map(fromAttributes).filter(isWanted))
        if (last === undefined || found.length >= most) return found.slice(0, most)
        start = { ExclusiveStartKey: last }
      }
    },
  }
}

interface Listing {
  most?: number
  isWanted?: (values: Values) => boolean
}

interface BatchAnswer {
  Responses?: Record<string, Attributes[]>
  UnprocessedKeys?: Record<string, { Keys: Attributes[] }>
}

interface QueryAnswer {
  Items?: Attributes[]
  LastEvaluatedKey?: Attributes
}

const isThere = '(attribute_not_exists(#keptUntil) OR #keptUntil > :now)'

function hasStill(before: Values, now: number) {
  const expected = Object.fromEntries(Object.entries(before).map(([name, value]) => [`old_${name}`, value]))
  return {
    ConditionExpression: [...Object.keys(before).map((name) => `#${name} = :old_${name}`), isThere].join(' AND '),
    ExpressionAttributeNames: named([...Object.keys(before), 'keptUntil']),
    ExpressionAttributeValues: valued({ ...expected, now }),
  }
}

function isNotThere(now: number) {
  return {
    ConditionExpression: 'attribute_not_exists(#key) OR #keptUntil <= :now',
    ExpressionAttributeNames: named(['key', 'keptUntil']),
    ExpressionAttributeValues: valued({ now }),
  }
}

/** `#name` for each, since many are reserved words. */
function named(names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [`#${name}`, name]))
}

function valued(values: Values): Attributes {
  return Object.fromEntries(Object.entries(toAttributes(values)).map(([name, value]) => [`:${name}`, value]))
}
