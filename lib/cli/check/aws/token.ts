import type { Deployment } from '../../../adapters/aws/deployment.ts'
import { isToken } from '../../../app/config/config.ts'
import { fine } from '../finding.ts'
import { type AwsFinding, answerOf, problem, warning } from './finding.ts'

interface Asking {
  deployment: Deployment
  /** Of notify. */
  variables: Readonly<Record<string, string>>
  /** Hides the token in all output. */
  hide: (token: string) => void
}

/** Whether the bot token is where the functions look for it. Never tells the token. */
export async function* askToken({ deployment, variables, hide }: Asking): AsyncGenerator<AwsFinding> {
  const given = (name: string) => variables[name]?.trim() || undefined
  const inPlain = given('TELEGRAM_BOT_TOKEN')
  if (inPlain) {
    hide(inPlain)
    yield warning(
      { about: 'token', name: null },
      'the bot token is in the environment of the functions: everyone who may read their configuration can see it',
      'store it as a SecureString parameter and name that with tokenParameter in settings.yml',
    )
  }
  const parameter = given('TELEGRAM_BOT_TOKEN_PARAMETER')
  const secret = given('TELEGRAM_BOT_TOKEN_SECRET')
  if (parameter) yield* askStored('parameter', parameter, { deployment, hide })
  if (secret) yield* askStored('secret', secret, { deployment, hide })
}

async function* askStored(
  kind: 'parameter' | 'secret',
  name: string,
  { deployment, hide }: Omit<Asking, 'variables'>,
): AsyncGenerator<AwsFinding> {
  const about = { about: 'token', name } as const
  const store = `${storeCommands[kind]} ${name}`
  const isMissing = { says: `the ${kind} does not exist`, advice: `create it: ${store} …` }
  const answer = yield* answerOf({
    call: deployment.stored(kind, name).then((text) => ({ text })),
    about,
    action: kind === 'parameter' ? 'ssm:GetParameter' : 'secretsmanager:GetSecretValue',
    meaning: {
      ParameterNotFound: isMissing,
      ResourceNotFoundException: isMissing,
      // Secrets Manager: the secret waits for its deletion, or has no value yet.
      InvalidRequestException: { says: 'the secret is marked for deletion or has no value', advice: `${store} …` },
      DecryptionFailure: {
        says: 'AWS cannot decrypt the secret',
        advice: 'check that its KMS key is enabled, and that tokenKeyArn in settings.yml names it',
      },
      InvalidKeyId: {
        says: 'AWS cannot decrypt the parameter: its KMS key does not exist or is disabled',
        advice: 'enable the key, or store the token again',
      },
    },
    isOptional: true,
  })
  if (!answer) return
  const token = answer.text?.trim() ?? ''
  if (isToken(token)) {
    hide(token)
    yield fine(about, `the ${kind} contains a bot token`)
  } else
    yield problem(
      about,
      `the ${kind} does not contain a bot token but ${token === '' ? 'no text' : `${token.length} other characters`}`,
      `@BotFather shows the token (/mybots, API Token); store it: ${store} …`,
    )
}

const storeCommands = {
  parameter: 'aws ssm put-parameter --type SecureString --overwrite --name',
  secret: 'aws secretsmanager put-secret-value --secret-id',
} as const
