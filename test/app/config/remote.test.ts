import { describe, expect, it, test } from 'vitest'
import { loadConfig } from '../../../lib/app/config/load.ts'
import { isRemote, parseRemote } from '../../../lib/app/config/remote.ts'

const object = (bucket: string, key: string) => ({ kind: 'object', bucket, key })

describe('the name of a rules file', () => {
  test.each([
    ['ssm:/kube-eventer-telegram/prod/rules', { kind: 'parameter', name: '/kube-eventer-telegram/prod/rules' }],
    ['ssm:/rules', { kind: 'parameter', name: '/rules' }],
    ['s3://team-rules/rules.yml', object('team-rules', 'rules.yml')],
    ['s3://team.rules/a b/ü+?.yml', object('team.rules', 'a b/ü+?.yml')],
  ])('%s is in AWS', (name, file) => {
    expect(isRemote(name)).toBe(true)
    expect(parseRemote(name)).toEqual(file)
  })

  test.each([
    'ssm:rules',
    'ssm://rules',
    'ssm:/rules/',
    'ssm:/my rules',
    'ssm:/rules:3',
    'SSM:/rules',
    's3:/x',
    's3:bucket/key',
    's3://bucket',
    's3://bucket/',
    's3://bucket/folder/',
    's3://My_Bucket/rules.yml',
    `s3://bucket/${'x'.repeat(1_025)}`,
    `ssm:/${'x'.repeat(1_011)}`,
    `ssm:${'/a'.repeat(16)}`,
  ])('%s is refused in words, together with all other mistakes', async (name) => {
    expect(isRemote(name)).toBe(true)
    const environment = { TELEGRAM_BOT_TOKEN: '1:a', TELEGRAM_CHAT_ID: 'ops', CONFIG_FILE: name }
    await expect(loadConfig(environment)).rejects.toThrow(
      `2 problems in the configuration:
- TELEGRAM_CHAT_ID must be a chat ID, for example -1001234567890, -1001234567890:42 for a thread, or @channel, not "ops"
- CONFIG_FILE must be ssm:/name/of/parameter or s3://bucket/key, not "${name}"`,
    )
  })

  test.each(['rules.yml', './ssm/rules.yml', '/etc/s3', 'ssm', 's3.yml'])('%s is a file', (name) => {
    expect(isRemote(name)).toBe(false)
  })

  it('in AWS needs access to it', async () => {
    const environment = { TELEGRAM_BOT_TOKEN: '1:a', TELEGRAM_CHAT_ID: '-1', CONFIG_FILE: 'ssm:/rules' }
    await expect(loadConfig(environment)).rejects.toThrow(
      '1 problem in the configuration:\n- AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set; CONFIG_FILE needs AWS access',
    )
  })
})
