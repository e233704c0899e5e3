import type { AwsAccess } from '../../../adapters/aws/request.ts'
import { isToken } from '../../../app/config/config.ts'
import { isRemote } from '../../../app/config/remote.ts'
import { isDeployable } from '../../../app/config/variables.ts'
import { plainLine } from '../../inspect/words.ts'
import { checkConfiguration } from '../config.ts'
import { fine } from '../finding.ts'
import { type AwsFinding, exportAdvice, keyOr, note, problem, warning } from './finding.ts'
import type { FoundFunction } from './function.ts'

/** The problems that notify has with its variables when it starts, and with its rules if they are stored in AWS. */
export async function* askConfiguration(
  { name, variables = {} }: FoundFunction,
  access: AwsAccess,
): AsyncGenerator<AwsFinding, undefined> {
  const file = variables.CONFIG_FILE?.trim() ?? ''
  const environment = {
    ...withoutSecrets(variables),
    // A packaged file was checked before it was packaged.
    CONFIG_FILE: isRemote(file) ? file : '',
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_REGION: access.region,
    AWS_ACCESS_KEY_ID: access.accessKeyId,
    AWS_SECRET_ACCESS_KEY: access.secretAccessKey,
    AWS_SESSION_TOKEN: access.sessionToken,
    AWS_ENDPOINT_URL: access.endpoint,
  }
  const wanted = { file: undefined, asksTelegram: false, asksKafka: false, asksAws: false }
  const { problems, warnings } = await checkConfiguration(environment, wanted)
  const ofFunction = { about: 'function', name } as const
  const ofRules = { about: 'rules', name: file } as const
  const isOfRules = (found: string) => isRemote(file) && found.includes(file) && !found.startsWith('CONFIG_FILE must')
  for (const found of problems.map(plainLine)) {
    if (!isOfRules(found)) yield problem(ofFunction, found, 'correct settings.yml, then deploy again')
    else if (found.startsWith('CONFIG_FILE: cannot read')) yield reviewUnreadable(file, found)
    else yield problem(ofRules, found, 'correct it; the functions read it again within a minute')
  }
  for (const found of warnings.map(plainLine))
    yield isOfRules(found)
      ? warning(ofRules, found, 'correct it if this was not meant')
      : warning(ofFunction, found, 'correct environment in settings.yml, then deploy again')
  if (isRemote(file) && !problems.some(isOfRules)) yield fine(ofRules, 'readable, without a mistake')
}

/** Why the rules cannot be read. The functions have a role of their own, so they may be able to. */
function reviewUnreadable(file: string, found: string): AwsFinding {
  const about = { about: 'rules', name: file } as const
  if (/AccessDenied|denies access|kms:Decrypt|ciphertext/.test(found)) {
    const action = keyOr(file.startsWith('ssm:') ? 'ssm:GetParameter' : 's3:GetObject', found)
    return note(
      about,
      `not checked: these credentials have no permission to read ${file}`,
      `allow ${action} (${found})`,
    )
  }
  if (/ExpiredToken/.test(found))
    return problem(about, 'not checked: the credentials have expired', exportAdvice(undefined))
  if (found.includes('": AWS ')) return note(about, `not checked: ${found}`, 'run the check again in a minute')
  return problem(about, found, 'store the rules there, or correct CONFIG_FILE in settings.yml, then deploy again')
}

/** Problems quote values, and rules can contain variables. */
function withoutSecrets(variables: Record<string, string>): Record<string, string> {
  const entries = Object.entries(variables).map(([name, value]) => [name, isQuotable(name) ? value : masked(value)])
  return Object.fromEntries(entries)
}

function isQuotable(name: string): boolean {
  return isDeployable(name) || name === 'TELEGRAM_BOT_TOKEN_PARAMETER' || name === 'TELEGRAM_BOT_TOKEN_SECRET'
}

function masked(value: string): string {
  if (value.trim() === '') return value
  return isToken(value.trim()) ? '1:unused' : '<secret>'
}
