import { StateUnavailable } from '../../pipeline/ports.ts'
import { callTable, otherLayout, patienceMilliseconds, pauseAfter, type Table } from './dynamodb-call.ts'
import { type Attributes, fromAttributes, index, layout, toAttributes, type Values } from './dynamodb-layout.ts'

export interface WriteResult {
  isSaved: boolean
  /** The item after the write. If the condition did not hold: the item found, or `{}` if there is none. */
  values: Values
}

/** Tells this call's own write, whose answer was lost, from a write by others. */
type IsMine = (found: Values) => boolean

// Amazon DynamoDB developer guide, BatchGetItem.
const mostKeys = 100
const batchesAtOnce = 4

/** The operations on the table. Conditions and lists ignore items past `expiresAt`. */
export function openTable(place: Table) {
  const { table, clock } = place

  function toValues(attributes: Attributes): Values {
    const values = fromAttributes(attributes)
    if (values.layout !== layout) throw new StateUnavailable(otherLayout(place))
    return values
  }

  async function readBatch(keys: string[]): Promise<Values[]> {
    const giveUpAt = clock.now() + patienceMilliseconds
    const found: Values[] = []
    let missing = keys.map((key) => toAttributes({ key }))
    for (let tries = 0; ; tries += 1) {
      const body = { RequestItems: { [table]: { Keys: missing, ConsistentRead: true } } }
      const { answer } = await callTable('BatchGetItem', body, place)
      const { Responses: read = {}, UnprocessedKeys: unread = {} } = answer as BatchAnswer
      found.push(...(read[table] ?? []).map(toValues))
      missing = unread[table]?.Keys ?? []
      if (missing.length === 0) return found
      const pause = pauseAfter(tries)
      if (clock.now() + pause > giveUpAt)
        throw new StateUnavailable(`DynamoDB table ${table} did not return ${missing.length} of ${keys.length} items`)
      await clock.sleep(pause)
    }
  }

  async function write(operation: string, body: object, isMine: IsMine, item?: Values): Promise<WriteResult> {
    const request = { TableName: table, ReturnValuesOnConditionCheckFailure: 'ALL_OLD', ...body }
    const { answer, unmet, wasUnclear } = await callTable(operation, request, place)
    if (!unmet) return { isSaved: true, values: item ?? fromAttributes((answer.Attributes ?? {}) as Attributes) }
    const values = Object.keys(unmet).length === 0 ? {} : toValues(unmet)
    return { isSaved: wasUnclear && isMine(values), values }
  }

  return {
    /** Reads consistently, in any order. */
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

    /** Writes the whole item, unconditionally. */
    async replace(item: Values): Promise<void> {
      await callTable('PutItem', { TableName: table, Item: toAttributes({ ...item, layout }) }, place)
    },

    /** Writes the whole item if there is none, or if the present one has the values `before`. */
    put(item: Values, before: Values | undefined, isMine: IsMine): Promise<WriteResult> {
      const condition = before ? hasStill(before, clock.now()) : isNotThere(clock.now())
      return write('PutItem', { Item: toAttributes({ ...item, layout }), ...condition }, isMine, item)
    },

    /** Changes some attributes of an item that has the values `before`, and raises its revision. Removes those that are undefined. */
    update(key: string, changes: Values, before: Values, isMine: IsMine): Promise<WriteResult> {
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
      return write('UpdateItem', body, isMine)
    },

    async remove(key: string): Promise<void> {
      await callTable('DeleteItem', { TableName: table, Key: toAttributes({ key }) }, place)
    },

    /**
     * The items of a list in the index, lowest `sort` first: at most `most` of those that `isWanted` accepts. The index is eventually
     * consistent.
     */
    async list(list: string, { most = Number.POSITIVE_INFINITY, isWanted = () => true }: Listing = {}) {
      const found: Values[] = []
      let start: object = {}
      for (;;) {
        const body = {
          TableName: table,
          IndexName: index,
          KeyConditionExpression: '#list = :list',
          FilterExpression: unexpired,
          ExpressionAttributeNames: named(['list', 'expiresAt']),
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

const unexpired = '(attribute_not_exists(#expiresAt) OR #expiresAt > :now)'

function hasStill(before: Values, now: number) {
  const expected = Object.fromEntries(Object.entries(before).map(([name, value]) => [`old_${name}`, value]))
  return {
    ConditionExpression: [...Object.keys(before).map((name) => `#${name} = :old_${name}`), unexpired].join(' AND '),
    ExpressionAttributeNames: named([...Object.keys(before), 'expiresAt']),
    ExpressionAttributeValues: valued({ ...expected, now }),
  }
}

function isNotThere(now: number) {
  return {
    ConditionExpression: 'attribute_not_exists(#key) OR #expiresAt <= :now',
    ExpressionAttributeNames: named(['key', 'expiresAt']),
    ExpressionAttributeValues: valued({ now }),
  }
}

/** Placeholders, since many names are reserved words in DynamoDB. */
function named(names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [`#${name}`, name]))
}

function valued(values: Values): Attributes {
  return Object.fromEntries(Object.entries(toAttributes(values)).map(([name, value]) => [`:${name}`, value]))
}
