import type { Deployment, DynamodbTable, TimeToLive } from '../../../adapters/aws/deployment.ts'
import { index } from '../../../adapters/store/dynamodb-layout.ts'
import { fine } from '../finding.ts'
import { type AwsFinding, answerOf, note, problem, warning } from './finding.ts'

/** Whether the table exists as the functions need it. */
export async function* askTable(deployment: Deployment, name: string): AsyncGenerator<AwsFinding> {
  const about = { about: 'table', name } as const
  const table = yield* answerOf({
    call: deployment.table(name),
    about,
    action: 'dynamodb:DescribeTable',
    meaning: {
      ResourceNotFoundException: {
        says: 'does not exist',
        advice: 'the table was deleted outside of the stack: remove the stack and deploy it again',
      },
    },
  })
  if (!table) return
  yield reviewTable(name, table)
  const timeToLive = yield* answerOf({
    call: deployment.timeToLive(name),
    about,
    action: 'dynamodb:DescribeTimeToLive',
    isOptional: true,
  })
  if (timeToLive) yield* reviewTimeToLive(name, timeToLive)
}

export function reviewTable(name: string, table: DynamodbTable): AwsFinding {
  const about = { about: 'table', name } as const
  const { TableStatus: status = '', KeySchema: keys = [], GlobalSecondaryIndexes: indexes = [] } = table
  if (status === 'CREATING' || status === 'UPDATING')
    return note(about, `AWS is changing it (${status})`, 'run the check again in a minute')
  if (status !== 'ACTIVE') return problem(about, `cannot be used (${status})`, statusAdvice[status] ?? null)
  const own = indexes.find(({ IndexName }) => IndexName === index)
  if (keys.map(({ AttributeName }) => AttributeName).join() !== 'key' || !own)
    return problem(
      about,
      `is not a table of this program: it must have the key “key” and the index ${index}`,
      'use a new table, or delete this one if nothing in it is pending',
    )
  if (own.IndexStatus !== undefined && own.IndexStatus !== 'ACTIVE')
    return note(about, `AWS is building the index ${index} (${own.IndexStatus})`, 'run the check again in some minutes')
  return fine(about, `ready, with the index ${index}`)
}

const statusAdvice: Record<string, string> = {
  DELETING: 'deploy again when it is gone',
  INACCESSIBLE_ENCRYPTION_CREDENTIALS:
    'its KMS key is disabled or cannot be used: enable the key within seven days, before AWS archives the table',
  ARCHIVED: 'restore it from the backup that AWS made, or create a new table',
}

/** Without it, the table grows, but the program works: it ignores expired items. */
export function* reviewTimeToLive(
  name: string,
  { TimeToLiveStatus: status, AttributeName: attribute }: TimeToLive,
): Generator<AwsFinding> {
  if (status === 'ENABLING' || (status === 'ENABLED' && attribute === 'timeToLive')) return
  yield warning(
    { about: 'table', name },
    `AWS does not delete expired items, so the table grows (time to live: ${attribute ? `${status}, ${attribute}` : (status ?? 'DISABLED')})`,
    `aws dynamodb update-time-to-live --table-name ${name} --time-to-live-specification Enabled=true,AttributeName=timeToLive`,
  )
}
