import type { AwsAccess } from '../../adapters/aws/request.ts'
import { readAwsAccess } from './aws.ts'
import type { Reader } from './environment.ts'

/** Where the state is stored. */
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
 * Reads STATE and INCIDENTS. The default is memory. In Lambda, where several sandboxes may run at once, STATE must be set, and a file is refused
 * because it would be lost with its sandbox.
 */
export function readState(
  reader: Reader,
  isInLambda: boolean,
): { state: StateSetting; hasIncidents: boolean } | undefined {
  const form = isInLambda ? 'dynamodb:<table> or memory' : 'memory, sqlite:<file> or dynamodb:<table>'
  const read = isInLambda ? reader.required : reader.read
  const given = read('STATE', form, (text) => {
    const parsed = parseStateSetting(text)
    return isInLambda && parsed?.kind === 'sqlite' ? undefined : parsed
  })
  const parsed = given ?? { kind: 'memory' as const }
  const state = parsed.kind === 'dynamodb' ? withAccess(parsed, reader) : parsed
  const isDurable = parsed.kind !== 'memory'
  const incidents = reader.oneOf('INCIDENTS', ['on', 'off'], isDurable ? 'on' : 'off')
  if (incidents === 'on' && !isDurable)
    reader.problem('INCIDENTS must be off with STATE=memory, which loses incidents when the process ends')
  return state && { state, hasIncidents: incidents === 'on' }
}

function withAccess(parsed: { kind: 'dynamodb'; table: string }, reader: Reader): StateSetting | undefined {
  const access = readAwsAccess(reader, 'STATE=dynamodb')
  return access && { ...parsed, access }
}
