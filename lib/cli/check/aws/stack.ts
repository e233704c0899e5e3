import type { Deployment, Stack, StackResource } from '../../../adapters/aws/deployment.ts'
import { AwsError } from '../../../adapters/aws/request.ts'
import { plainLine } from '../../inspect/words.ts'
import { fine } from '../finding.ts'
import { type AwsFinding, answerOf, note, problem, refusal, warning } from './finding.ts'

/** Where to look. */
export interface StackPlace {
  name: string
  region: string
  account: string
}

/** The resources of the stack: `missing` if nothing is deployed, `unlisted` if these credentials may not list them. */
export async function* askStack(
  deployment: Deployment,
  { name, region, account }: StackPlace,
): AsyncGenerator<AwsFinding, StackResource[] | 'missing' | 'unlisted'> {
  const about = { about: 'stack', name } as const
  let stack: Stack | undefined
  try {
    stack = await deployment.stack(name)
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    if (error.type === 'ValidationError') {
      yield problem(
        about,
        `does not exist in ${region} of account ${account}`,
        'check --stage and --region, or name the stack with --stack; deploy if nothing is deployed yet',
      )
      return 'missing'
    }
    yield refusal(error, { about, action: 'cloudformation:DescribeStacks' })
  }
  const call = deployment.resources(name)
  const resources = yield* answerOf({ call, about, action: 'cloudformation:ListStackResources' })
  const isEmpty = resources?.every(({ type }) => type !== 'AWS::Lambda::Function') ?? false
  const status = stack && reviewStatus(stack, isEmpty)
  if (status) yield status
  return isEmpty && status?.level !== 'fine' ? 'missing' : (resources ?? 'unlisted')
}

/**
 * What the status of a stack means (CloudFormation user guide, Stack status codes). The Serverless Framework first creates a stack that has only a
 * bucket, so `isEmpty` says that it has no function.
 */
export function reviewStatus({ name, status, reason }: Stack, isEmpty = false): AwsFinding {
  const about = { about: 'stack', name } as const
  const because = reason ? ` (${plainLine(reason)})` : ''
  const events = `aws cloudformation describe-stack-events --stack-name ${name}`
  if (/^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(status) || status === 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS')
    return fine(about, `deployed (${status})`)
  if (status === 'REVIEW_IN_PROGRESS')
    return problem(about, 'was never deployed: it has only a change set', 'deploy it')
  if (/^(ROLLBACK_COMPLETE|ROLLBACK_FAILED|CREATE_FAILED)$/.test(status))
    return problem(
      about,
      `the first deployment failed, so there is nothing to run (${status})${because}`,
      `find the first error with: ${events}; then delete the stack and deploy again`,
    )
  if (/ROLLBACK_COMPLETE$/.test(status) && isEmpty)
    return problem(
      about,
      `the first deployment failed, so there is nothing to run (${status})${because}`,
      `find the first error with: ${events}; then correct it and deploy again`,
    )
  if (/ROLLBACK_COMPLETE$/.test(status))
    return warning(
      about,
      `the last deployment failed; AWS restored the one before it (${status})${because}`,
      `find the first error with: ${events}`,
    )
  if (/FAILED$/.test(status))
    return problem(
      about,
      `the last change of the stack stopped in the middle (${status})${because}`,
      `find the first error with: ${events}`,
    )
  if (/^DELETE/.test(status)) return problem(about, `is being deleted (${status})`, 'deploy it again')
  return note(about, `a deployment is in progress (${status})`, 'run the check again when it has ended')
}
