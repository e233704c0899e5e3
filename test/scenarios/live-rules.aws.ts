import { AwsClient } from 'aws4fetch'
import { describe, expect, inject, it, onTestFinished } from 'vitest'
import { callAws } from '../../lib/adapters/aws/request.ts'
import { systemClock } from '../../lib/adapters/clock.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { newTables } from '../support/dynamodb-tables.ts'
import { at, pass } from '../support/rules.ts'

const access = inject('aws')
const newState = newTables(access, 'live-rules')
const s3 = new AwsClient({ ...access, sessionToken: '', service: 's3' })

/** Where the rules are, and how a new version is written. */
const places: Record<string, { name: string; put: (text: string) => Promise<unknown> }> = {
  'an SSM parameter': {
    name: 'ssm:/team/rules',
    put: (text) => callSsm('PutParameter', { Name: '/team/rules', Value: text, Type: 'String', Overwrite: true }),
  },
  'an encrypted SSM parameter': {
    name: 'ssm:/team/secure-rules',
    put: (text) =>
      callSsm('PutParameter', { Name: '/team/secure-rules', Value: text, Type: 'SecureString', Overwrite: true }),
  },
  'an S3 object': {
    name: 's3://team-rules/prod/my rules.yml',
    async put(text) {
      await s3.fetch(`${access.endpoint}/team-rules`, { method: 'PUT', body: bucket })
      await s3.fetch(`${access.endpoint}/team-rules/prod/my%20rules.yml`, { method: 'PUT', body: text })
    },
  },
}

const bucket = `<CreateBucketConfiguration><LocationConstraint>${access.region}</LocationConstraint></CreateBucketConfiguration>`

function callSsm(operation: string, body: object) {
  return callAws({ service: 'ssm', target: `AmazonSSM.${operation}`, body }, access, systemClock)
}

const said = (app: TestApp) => app.log.filter(({ file }) => file !== undefined).map(({ message }) => message)

describe.each(Object.entries(places))('rules in %s', (_, { name, put }) => {
  it('change while the program runs, and mistakes are told in the chat', async () => {
    const { environment, remove } = await newState()
    await put('defaults: false')
    const app = await startApp({ environment: { ...environment, CONFIG_FILE: name }, startsAt: systemClock.now() })
    onTestFinished(async () => {
      await app.close()
      await remove()
    })
    await app.notify([at(app, 0)])
    await put('rulez: []')
    await pass(3, app)
    expect(said(app)).toEqual(['new rules have mistakes'])
    expect(app.emulator.messages().map(({ text }) => text.split('\n').slice(0, 2))).toEqual([
      expect.anything(),
      ['🟠 New rules have mistakes · RulesRefused', name],
    ])
    await put('defaults: false\nrules: [{ name: all, action: drop }]')
    await pass(2, app)
    await app.notify([at(app, 1)])
    expect(app.outcomes()).toEqual(['0/0 sent: shown', '0/1 skipped: dropped by rule'])
    expect(said(app)).toEqual(['new rules have mistakes', 'new rules in use'])
    expect(app.emulator.messages()[1]?.text).toContain('RulesInUse')
  })
})

it.each([
  ['ssm:/team/missing', 'there is no such parameter in'],
  ['s3://team-rules/missing', 'there is no such object in the bucket team-rules'],
  ['s3://no-such-bucket-anywhere/rules.yml', 'there is no bucket no-such-bucket-anywhere'],
])('%s does not exist, which ends the start in words', async (name, words) => {
  await places['an S3 object']?.put('defaults: false')
  const { environment, remove } = await newState()
  onTestFinished(remove)
  await expect(startApp({ environment: { ...environment, CONFIG_FILE: name } })).rejects.toThrow(
    `CONFIG_FILE: cannot read "${name}": ${words}`,
  )
})
