import { type AwsAccess, callAws } from '../../lib/adapters/aws/request.ts'
import { systemClock } from '../../lib/adapters/clock.ts'
import type { DisorderlyState } from './disorder.ts'
import { newTables } from './new-table.ts'
import { below } from './own-events.ts'

/** Tables of their own in the emulated AWS, whose index does not lag. */
export function disorderlyTables(access: AwsAccess, prefix: string): DisorderlyState {
  const tables = newTables(access, prefix)
  return async () => {
    const { environment, remove } = await tables()
    const TableName = environment.STATE?.replace('dynamodb:', '')
    const ask = (operation: string, body: object) => {
      const target = `DynamoDB_20120810.${operation}`
      return callAws({ service: 'dynamodb', target, version: '1.0', body: { TableName, ...body } }, access, systemClock)
    }
    return {
      environment,
      remove,
      disorder: {
        async deleteOne(next) {
          const kind = next() < 0.8 ? 'incident' : 'chat'
          const { Items: items } = (await ask('Scan', {})) as { Items: { key: { S: string } }[] }
          const keys = items.map(({ key }) => key.S).filter((key) => key.startsWith(`${kind}/`))
          const key = keys.sort()[below(keys.length, next)]
          if (key === undefined) return undefined
          await ask('DeleteItem', { Key: { key: { S: key } } })
          const name = key.slice(kind.length + 1)
          return kind === 'incident' ? { incident: name } : { chat: name }
        },
        lagging: (store) => store,
      },
    }
  }
}
