import type { Deployment, MskAuthentication, MskCluster } from '../../../adapters/aws/deployment.ts'
import { plainLine } from '../../inspect/words.ts'
import { fine } from '../finding.ts'
import { type AwsFinding, answerOf, note, problem } from './finding.ts'
import type { SourceLogin } from './processing-result.ts'

/** Whether an MSK cluster is up and has the login that the event source uses. */
export async function* askCluster(deployment: Deployment, arn: string, login: SourceLogin): AsyncGenerator<AwsFinding> {
  const name = arn.split('/')[1] ?? arn
  const cluster = yield* answerOf({
    call: deployment.cluster(arn),
    about: { about: 'cluster', name },
    action: 'kafka:DescribeClusterV2',
    meaning: {
      NotFoundException: {
        says: 'does not exist',
        advice: 'check clusterArn in settings.yml; it contains the region and the account',
      },
    },
    isOptional: true,
  })
  if (cluster) yield reviewCluster(name, cluster, login)
}

export function reviewCluster(name: string, cluster: MskCluster, login: SourceLogin): AwsFinding {
  const about = { about: 'cluster', name } as const
  const { state = '', stateInfo } = cluster
  const reason = stateInfo?.message ? `: ${plainLine(stateInfo.message)}` : ''
  if (state === 'CREATING' || state === 'DELETING' || state === 'FAILED')
    return problem(
      about,
      `cannot be read (${state})${reason}`,
      'wait until the cluster is active, or name another in settings.yml',
    )
  const authentication = cluster.provisioned?.clientAuthentication ?? cluster.serverless?.clientAuthentication ?? {}
  const has = loginsOf(authentication)
  const fitting = fittingLogins[login] ?? []
  const found = fitting.find((one) => has.includes(one))
  if (!found)
    return problem(
      about,
      `does not accept the login of the event source (${fitting[0] ?? login}); it accepts ${has.join(', ')}`,
      'set login in settings.yml to one that the cluster accepts, or enable this one on the cluster',
    )
  // HEALING, MAINTENANCE, REBOOTING_BROKER, UPDATING: the other brokers answer.
  if (state !== 'ACTIVE') return note(about, `accepts ${found}; AWS is working on it (${state})`)
  return fine(about, `active, accepts ${found}`)
}

const noLogin = 'no login'

// Without a secret, Lambda uses IAM if the cluster has it (Lambda developer guide, MSK cluster authentication).
const fittingLogins: Partial<Record<SourceLogin, string[]>> = {
  iam: ['IAM', noLogin],
  scram: ['SCRAM'],
  mtls: ['client certificates'],
}

function loginsOf({ sasl = {}, tls = {}, unauthenticated = {} }: MskAuthentication): string[] {
  const hasCertificates = tls.enabled ?? (tls.certificateAuthorityArnList ?? []).length > 0
  const logins = [
    ...(sasl.iam?.enabled ? ['IAM'] : []),
    ...(sasl.scram?.enabled ? ['SCRAM'] : []),
    ...(hasCertificates ? ['client certificates'] : []),
    ...(unauthenticated.enabled ? [noLogin] : []),
  ]
  // Of an older cluster without a login, AWS says nothing.
  return logins.length === 0 ? [noLogin] : logins
}
