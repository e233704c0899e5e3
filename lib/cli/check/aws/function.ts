import type { Deployment, EnvironmentError, LambdaFunction } from '../../../adapters/aws/deployment.ts'
import { AwsError } from '../../../adapters/aws/request.ts'
import { plainLine } from '../../inspect/words.ts'
import { fine } from '../finding.ts'
import { type About, type AwsFinding, answerOf, note, problem } from './finding.ts'

export interface FoundFunction {
  name: string
  function: LambdaFunction
  /** Its environment variables; undefined if they cannot be read. */
  variables: Record<string, string> | undefined
  /** Undefined if it has none of its own, or if it cannot be read. */
  reservedConcurrency?: number | undefined
}

/** Whether the function exists and can run; undefined if it does not exist. If a permission is missing, the other checks go on with less. */
export async function* askFunction(
  deployment: Deployment,
  name: string,
): AsyncGenerator<AwsFinding, FoundFunction | undefined> {
  const about = { about: 'function', name } as const
  const found = yield* answerOf({
    call: deployment.function(name).catch((error: unknown) => {
      if (error instanceof AwsError && error.type === 'ResourceNotFoundException') return 'missing' as const
      throw error
    }),
    about,
    action: 'lambda:GetFunctionConfiguration',
    isOptional: true,
  })
  if (found === 'missing') {
    const advice = 'the function was deleted outside of the stack: remove the stack and deploy it again'
    yield problem(about, 'does not exist', advice)
    return undefined
  }
  if (found) yield reviewFunction(name, found)
  const reservedConcurrency = yield* answerOf({
    call: deployment.reservedConcurrency(name),
    about,
    action: 'lambda:GetFunctionConcurrency',
    isOptional: true,
  })
  if (reservedConcurrency === 0)
    yield problem(
      about,
      'is switched off: its reserved concurrency is 0, so AWS throttles every invocation',
      `aws lambda delete-function-concurrency --function-name ${name}`,
    )
  if (!found) return { name, function: {}, variables: undefined, reservedConcurrency }
  const { Variables: variables = {}, Error: failed } = found.Environment ?? {}
  if (failed) yield reviewEnvironmentError(about, failed)
  return { name, function: found, variables: failed ? undefined : variables, reservedConcurrency }
}

function reviewEnvironmentError(
  about: About,
  { ErrorCode: code = '', Message: message = '' }: EnvironmentError,
): AwsFinding {
  const answer = [code, plainLine(message)].filter(Boolean).join(': ')
  // AWS decrypts the variables with the permissions of the caller.
  if (code.startsWith('AccessDenied'))
    return note(
      about,
      'environment variables not checked: these credentials have no permission for kms:Decrypt on their key',
      `allow kms:Decrypt on the key in environmentKeyArn (AWS answers: ${answer})`,
    )
  return problem(
    about,
    `AWS cannot read the environment variables (${answer})`,
    'check the KMS key of the environment: it must exist and be enabled',
  )
}

/** Whether AWS can run the function (Lambda developer guide, Lambda function states). */
export function reviewFunction(name: string, found: LambdaFunction): AwsFinding {
  const about = { about: 'function', name } as const
  const { State: state, LastUpdateStatus: update } = found
  if (state === 'Failed' || state === 'ActiveNonInvocable')
    return problem(about, `cannot run${becauseOf(found.StateReason)}`, 'correct this, then deploy again')
  if (update === 'Failed')
    return problem(
      about,
      `the last update failed, so it runs the code or configuration before it${becauseOf(found.LastUpdateStatusReason)}`,
      'correct this, then deploy again',
    )
  if (state === 'Pending' || update === 'InProgress')
    return note(about, 'AWS is still preparing it', 'run the check again in a minute')
  if (state === 'Inactive') return note(about, 'AWS has put it to sleep; the next invocation starts it')
  return fine(about, 'ready')
}

function becauseOf(reason: string | undefined): string {
  return reason ? `: ${plainLine(reason)}` : ''
}

/** The command that shows the last hour of the function's log. */
export function logsCommand({ name, function: found }: FoundFunction): string {
  return `aws logs tail ${found.LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`} --since 1h`
}
