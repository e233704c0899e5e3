import type { Caller, Deployment } from '../../../adapters/aws/deployment.ts'
import { type AwsAccess, AwsError, hostOf } from '../../../adapters/aws/request.ts'
import type { Environment } from '../../../app/config/environment.ts'
import { plainLine } from '../../inspect/words.ts'
import type { Diagnosis } from '../advice.ts'
import { fine } from '../finding.ts'
import { type AwsFinding, exportAdvice, problem } from './finding.ts'

const about = { about: 'credentials', name: null } as const

/** The access that this environment gives, or why there is none. */
export function accessIn(environment: Environment, region: string): { access: AwsAccess } | { finding: AwsFinding } {
  const given = (name: string) => environment[name]?.trim() || undefined
  const accessKeyId = given('AWS_ACCESS_KEY_ID')
  const secretAccessKey = given('AWS_SECRET_ACCESS_KEY')
  if (!accessKeyId || !secretAccessKey) {
    const missing = accessKeyId ? 'AWS_SECRET_ACCESS_KEY is' : 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are'
    const profile = given('AWS_PROFILE')
    const isUnread = profile ? '; this command does not read the profile in AWS_PROFILE' : ''
    return { finding: problem(about, `${missing} not set${isUnread}`, exportAdvice(profile)) }
  }
  const sessionToken = given('AWS_SESSION_TOKEN')
  return { access: { region, accessKeyId, secretAccessKey, sessionToken, endpoint: given('AWS_ENDPOINT_URL') } }
}

/** Who these credentials belong to; undefined if AWS does not accept them. */
export async function* askCaller(
  deployment: Deployment,
  access: AwsAccess,
): AsyncGenerator<AwsFinding, Caller | undefined> {
  try {
    const caller = await deployment.caller()
    yield fine(about, `account ${caller.account}, ${access.region}, as ${plainLine(caller.arn)}`)
    return caller
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    const { says, advice } = diagnoseCredentials(error, access)
    yield problem(about, says, advice)
    return undefined
  }
}

/** Why AWS does not accept the credentials (IAM user guide, Troubleshooting access keys; STS API reference, Common errors). */
export function diagnoseCredentials(error: AwsError, { accessKeyId, sessionToken, region }: AwsAccess): Diagnosis {
  const { type = '', said = '', status } = error
  if (/Signature (expired|not yet current)/.test(said) || type === 'RequestExpired')
    return {
      says: `the clock of this machine is wrong (${plainLine(said)})`,
      advice: 'set the clock, for example with NTP',
    }
  switch (type) {
    case 'ExpiredToken':
    case 'ExpiredTokenException':
      return { says: 'the credentials have expired', advice: exportAdvice(undefined) }
    case 'InvalidClientTokenId':
    case 'UnrecognizedClientException':
      if (accessKeyId.startsWith('ASIA') && sessionToken === undefined)
        return {
          says: 'the access key is temporary, and AWS_SESSION_TOKEN is not set',
          advice: exportAdvice(undefined),
        }
      return {
        says: `AWS does not know this access key in ${region}`,
        advice:
          'check AWS_ACCESS_KEY_ID and AWS_SESSION_TOKEN, and check that the account has the region enabled; accounts in China (cn-…) and GovCloud (us-gov-…) are separate',
      }
    case 'SignatureDoesNotMatch':
    case 'IncompleteSignature':
      return {
        says: 'the secret access key does not belong to this access key',
        advice: 'check AWS_SECRET_ACCESS_KEY; copy it again without spaces',
      }
  }
  if (status === undefined)
    return {
      says: `${hostOf('sts', region)} gives no answer (${plainLine(error.message)})`,
      advice: `check that ${region} is a region of AWS (--region), and check the network on this machine`,
    }
  if (status === 200)
    return {
      says: `the server that answers is not AWS (${plainLine(error.message)})`,
      advice: 'check AWS_ENDPOINT_URL and any proxy in between',
    }
  return {
    says: `AWS does not accept the credentials: ${[type, plainLine(said)].filter(Boolean).join(': ') || `HTTP ${status}`}`,
    advice: exportAdvice(undefined),
  }
}
