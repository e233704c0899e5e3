import { isObject } from '../../core/json.ts'
import type { Clock } from '../../pipeline/ports.ts'
import { type AwsAccess, callAws } from './request.ts'

const calls = {
  parameter: {
    call: (name: string) => ({
      service: 'ssm',
      target: 'AmazonSSM.GetParameter',
      body: { Name: name, WithDecryption: true },
    }),
    read: (answer: unknown) => isObject(answer) && isObject(answer.Parameter) && answer.Parameter.Value,
  },
  secret: {
    call: (name: string) => ({
      service: 'secretsmanager',
      target: 'secretsmanager.GetSecretValue',
      body: { SecretId: name },
    }),
    read: (answer: unknown) => isObject(answer) && answer.SecretString,
  },
}

interface Stored {
  kind: keyof typeof calls
  name: string
  access: AwsAccess
}

/** Reads the bot token from an SSM parameter or a Secrets Manager secret, as plain text. Rejects with an Error that quotes AWS's answer. */
export async function fetchToken(stored: Stored, clock: Clock): Promise<string> {
  const text = await readStored(stored, clock)
  if (text === undefined) throw new Error(`the ${stored.kind} ${stored.name} contains no text`)
  return text.trim()
}

/** Undefined if it contains no text, for example if the secret is binary. */
export async function readStored({ kind, name, access }: Stored, clock: Clock): Promise<string | undefined> {
  const { call, read } = calls[kind]
  const value = read(await callAws(call(name), access, clock))
  return typeof value === 'string' ? value : undefined
}
