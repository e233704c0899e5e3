import type { AwsAccess } from '../../adapters/aws/request.ts'
import { readAwsAccess } from './aws.ts'
import type { Reader } from './environment.ts'

/** Where the state is kept. */
export type StateSetting =
  | { kind: 'memory' }
  | { kind: 'sqlite'; file: string }
  | { kind: 'dynamodb'; table: string; access: AwsAccess }

type Parsed = { kind: 'memory' } | { kind: 'sqlite'; file: string } | { kind: 'dynamodb'; table: string }

/** `memory`, `sqlite:<file>` or `dynamodb:<table>`; undefined for anything else. */
export function parseStateSetting(text: string): Parsed | undefined {
  if (text === 'memory') return { kind: 'memory' }
  const [, kind, rest = ''] = /^(sqlite|dynamodb):(.+)$/.exec(text) ?? []
  if (kind === 'sqlite') return { kind, file: rest }
  // Amazon DynamoDB developer guide, Naming rules.
  return kind === 'dynamodb' && /^[\w.-]{3,255}$/.test(rest) ? { kind, table: rest } : undefined
}

/**
 * STATE and INCIDENTS. Without STATE it is memory, but in Lambda, where several sandboxes may run at once, it has to be chosen on purpose.
 * A file would be lost there with its sandbox, so it is refused.
 */
export function readState(
  reader: Reader,
  isInLambda: boolean,
): { state: StateSetting; hasIncidents: boolean } | undefined {
  const forms = isInLambda ? 'dynamodb:<table>, or memory' : 'memory, sqlite:<file> or dynamodb:<table>'
  const read = isInLambda ? reader.required : reader.read
  const given = read('STATE', forms, (text) => {
    const parsed = parseStateSetting(text)
    return isInLambda && parsed?.kind === 'sqlite' ? undefined : parsed
  })
  const parsed = given ?? { kind: 'memory' as const }
  const state = parsed.kind === 'dynamodb' ? withAccess(parsed, reader) : parsed
  const isDurable = parsed.kind !== 'memory'
  const incidents = reader.oneOf('INCIDENTS', ['on', 'off'], isDurable ? 'on' : 'off')
  if (incidents === 'on' && !isDurable)
    reader.problem('INCIDENTS: given "on", expected off with STATE=memory, which forgets incidents with its process')
  return state && { state, hasIncidents: incidents === 'on' }
}

function withAccess(parsed: { kind: 'dynamodb'; table: string }, reader: Reader): StateSetting | undefined {
  const access = readAwsAccess(reader, 'STATE=dynamodb')
  return access && { ...parsed, access }
}
