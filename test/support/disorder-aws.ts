import type { AwsAccess } from '../../lib/adapters/aws/request.ts'
import type { DisorderlyState } from './disorder.ts'
import { callDynamodb, newTables } from './dynamodb-tables.ts'
import { below } from './event-source.ts'

/** New tables in the emulated AWS, whose index does not lag. */
export function disorderlyTables(access: AwsAccess, prefix: string): DisorderlyState {
  const tables = newTables(access, prefix)
  return async () => {
    const { environment, remove } = await tables()
    const TableName = environment.STATE?.replace('dynamodb:', '')
    return {
      environment,
      remove,
      disorder: {
        async deleteOne(next) {
          const kind = next() < 0.8 ? 'incidents' : 'chats'
          const { Items: items } = (await callDynamodb('Scan', { TableName }, access)) as {
            Items: { key: { S: string } }[]
          }
          const keys = items.map(({ key }) => key.S).filter((key) => key.startsWith(`${kind}/`))
          const key = keys.sort()[below(keys.length, next)]
          if (key === undefined) return undefined
          await callDynamodb('DeleteItem', { TableName, Key: { key: { S: key } } }, access)
          const name = key.slice(kind.length + 1)
          return kind === 'incidents' ? { incident: name } : { chat: name }
        },
        lagging: (store) => store,
      },
    }
  }
}
