import { AwsError } from '../../../adapters/aws/request.ts'
import { plainLine } from '../../inspect/words.ts'
import type { Diagnosis } from '../advice.ts'
import type { Finding } from '../finding.ts'

/** One result of asking AWS about a deployment. */
export interface AwsFinding extends Finding {
  about:
    | 'credentials'
    | 'stack'
    | 'function'
    | 'token'
    | 'rules'
    | 'event source'
    | 'cluster'
    | 'table'
    | 'sweep'
    | 'alarms'
  /** The function, parameter, topic, table or alarm. */
  name: string | null
}

export type About = Pick<AwsFinding, 'about' | 'name'>

export function note(about: About, says: string, advice: string | null = null): AwsFinding {
  return { level: 'note', ...about, says, advice }
}

export function warning(about: About, says: string, advice: string): AwsFinding {
  return { level: 'warning', ...about, says, advice }
}

export function problem(about: About, says: string, advice: string | null): AwsFinding {
  return { level: 'problem', ...about, says, advice }
}

interface Asked {
  about: About
  /** The permission that the call needs. */
  action: string
  /** What an error of this type means. The AwsError has a type if AWS answered. */
  meaning?: Readonly<Record<string, Diagnosis>>
  /** The deployment can work although this call fails, for example since the functions have permissions of their own. */
  isOptional?: boolean
}

interface Call<Value> extends Asked {
  call: Promise<Value>
}

/** The answer. If AWS refuses, yields why and returns undefined, so that the other checks go on. */
export async function* answerOf<Value>(asked: Call<Value>): AsyncGenerator<AwsFinding, Value | undefined> {
  try {
    return await asked.call
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    yield refusal(error, asked)
    return undefined
  }
}

const denied = [
  'AccessDenied',
  'AccessDeniedException',
  'ForbiddenException',
  'UnauthorizedException',
  'UnauthorizedOperation',
  'AuthorizationError',
]

/** What a failed call means. */
export function refusal(error: AwsError, { about, action, meaning = {}, isOptional }: Asked): AwsFinding {
  const { type = '', said = '', status } = error
  if (denied.includes(type)) {
    const missing = keyOr(action, said)
    const says = `not checked: these credentials have no permission for ${missing}`
    const advice = `allow ${missing} (AWS answers: ${plainLine(said) || type})`
    return isOptional ? note(about, says, advice) : problem(about, says, advice)
  }
  if (type === 'ExpiredToken' || type === 'ExpiredTokenException')
    return problem(about, 'not checked: the credentials have expired', exportAdvice(undefined))
  const known = meaning[type]
  if (known) return problem(about, known.says, known.advice)
  if (status === undefined)
    return problem(about, plainLine(error.message), 'check --region and the network on this machine')
  const words = [type, plainLine(said)].filter((part) => part !== '').join(': ')
  const says = `AWS refuses ${action}: ${words || `HTTP ${status}`}`
  return isOptional ? note(about, `not checked: ${says}`) : problem(about, says, 'run the check again in a minute')
}

/** The permission that is missing, by AWS's answer: `action`, or the one for the key. SSM names no action if it may not use the key. */
export function keyOr(action: string, said: string): string {
  return /kms:Decrypt|ciphertext/.test(said) ? 'kms:Decrypt on the key' : action
}

/** How to get credentials into the environment. */
export function exportAdvice(profile: string | undefined): string {
  const option = profile ? ` --profile ${profile}` : ''
  return `run: eval "$(aws configure export-credentials${option} --format env)"; with single sign-on, run “aws sso login${option}” before it`
}
