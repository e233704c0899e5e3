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

/** Reads the bot token from an SSM parameter or a Secrets Manager secret, as plain text. Rejects with an Error that quotes AWS's answer. */
export async function fetchToken(
  { kind, name, access }: { kind: keyof typeof calls; name: string; access: AwsAccess },
  clock: Clock,
): Promise<string> {
  const { call, read } = calls[kind]
  const value = read(await callAws(call(name), access, clock))
  if (typeof value !== 'string') throw new Error(`the ${kind} ${name} contains no text`)
  return value.trim()
}
