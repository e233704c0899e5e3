import type { Deployment, LambdaFunction } from '../../../adapters/aws/deployment.ts'
import { plainLine } from '../../inspect/words.ts'
import { fine } from '../finding.ts'
import { type AwsFinding, answerOf, note, problem } from './finding.ts'

export interface FoundFunction {
  name: string
  function: LambdaFunction
  /** Its environment variables. */
  variables: Record<string, string>
}

/** Whether the function exists and can run; undefined if its configuration cannot be read. */
export async function* askFunction(
  deployment: Deployment,
  name: string,
): AsyncGenerator<AwsFinding, FoundFunction | undefined> {
  const about = { about: 'function', name } as const
  const found = yield* answerOf({
    call: deployment.function(name),
    about,
    action: 'lambda:GetFunctionConfiguration',
    meaning: {
      ResourceNotFoundException: {
        says: 'does not exist',
        advice: 'the function was deleted outside of the stack: remove the stack and deploy it again',
      },
    },
  })
  if (!found) return undefined
  yield reviewFunction(name, found)
  const reserved = yield* answerOf({
    call: deployment.reservedConcurrency(name),
    about,
    action: 'lambda:GetFunctionConcurrency',
    isOptional: true,
  })
  if (reserved === 0)
    yield problem(
      about,
      'is switched off: its reserved concurrency is 0, so AWS throttles every invocation',
      `aws lambda delete-function-concurrency --function-name ${name}`,
    )
  const { Variables: variables = {}, Error: failed } = found.Environment ?? {}
  if (failed) {
    yield problem(
      about,
      `AWS cannot read the environment variables (${[failed.ErrorCode, plainLine(failed.Message ?? '')].filter(Boolean).join(': ')})`,
      'check the KMS key of the environment: it must be enabled, and the function’s role and these credentials need kms:Decrypt on it',
    )
    return undefined
  }
  return { name, function: found, variables }
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
