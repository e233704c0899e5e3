import type { AwsAccess } from '../../../adapters/aws/request.ts'
import { isRemote } from '../../../app/config/remote.ts'
import { plainLine } from '../../inspect/words.ts'
import { checkConfiguration } from '../config.ts'
import { fine } from '../finding.ts'
import { type AwsFinding, note, problem, warning } from './finding.ts'
import type { FoundFunction } from './function.ts'

/** The problems that notify has with its variables when it starts, and with its rules if they are stored in AWS. */
export async function* askConfiguration(
  { name, variables }: FoundFunction,
  access: AwsAccess,
): AsyncGenerator<AwsFinding, undefined> {
  const file = variables.CONFIG_FILE?.trim() ?? ''
  const environment = {
    ...variables,
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
  const rules = { about: 'rules', name: file } as const
  for (const found of problems.map(plainLine)) {
    if (!isRemote(file) || !found.includes(file))
      yield problem({ about: 'function', name }, found, 'correct settings.yml, then deploy again')
    else if (/AccessDenied|denies access/.test(found))
      yield note(
        rules,
        `not checked: these credentials have no permission to read ${file}`,
        `allow ${file.startsWith('ssm:') ? 'ssm:GetParameter' : 's3:GetObject'} (${found})`,
      )
    else yield problem(rules, found, 'correct it; the functions read it again within a minute')
  }
  if (!isRemote(file)) return
  for (const found of warnings) yield warning(rules, plainLine(found), 'correct it if this was not meant')
  if (!problems.some((found) => found.includes(file))) yield fine(rules, 'readable, without a mistake')
}
