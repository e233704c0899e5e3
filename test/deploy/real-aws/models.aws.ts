import { expect, it } from 'vitest'
import { preparePython } from '../python.ts'
import { run } from '../run.ts'
import { findModelProblems } from './models.ts'
import { type Change, set, setSelfManaged, stackOf } from './small-template.ts'
import { createOnly } from './updates.ts'

const wrong: [string, Change, string][] = [
  ['an unknown field', set('Mapping', { BatchSizes: 1 }), 'Mapping: CreateEventSourceMapping: Unknown parameter'],
  ['a wrong type', set('Mapping', { BatchSize: '100' }), 'Invalid type for parameter BatchSize'],
  ['a value over its maximum', set('Mapping', { BatchSize: 10_001 }), '10001 is over the maximum of 10000'],
  ['a value under its minimum', set('Mapping', { MaximumRetryAttempts: -2 }), '-2 is under the minimum of -1'],
  ['a list that is too long', set('Mapping', { Topics: ['a1', 'a2'] }), '2 is over the maximum of 1'],
  ['a wrong choice', set('Mapping', { StartingPosition: 'FIRST' }), 'FIRST is not one of TRIM_HORIZON'],
  ['a value against its pattern', set('Mapping', { Topics: ['a b'] }), 'a b does not match'],
  [
    'a long group',
    setSelfManaged([{ Type: 'VPC_SUBNET', URI: `subnet:${'s'.repeat(200)}` }]),
    '207 is over the maximum',
  ],
  [
    'a wrong time to live',
    set('Table', { TimeToLiveSpecification: { Enabled: true } }),
    'Table: UpdateTimeToLive: Missing',
  ],
  ['a wrong retention', set('Log', { RetentionInDays: '30' }), 'Log: PutRetentionPolicy: Invalid type'],
  [
    'a wrong runtime',
    set('Notify', { Runtime: 'nodejs23.x' }),
    'Notify: CreateFunction: input.Runtime: nodejs23.x is not one of',
  ],
]

it('finds what breaks the models of the AWS APIs', async () => {
  const [right, ...found] = await findModelProblems(
    [stackOf(), ...wrong.map(([, change]) => stackOf(change))].map(({ template }) => template),
    await preparePython(),
  )
  expect(right).toEqual([])
  expect(found).toEqual(wrong.map(([, , said]) => expect.arrayContaining([expect.stringContaining(said)])))
})

const readSchema = `
import glob, json, os, cfnlint
for file in glob.glob(os.path.join(os.path.dirname(cfnlint.__file__), 'data/schemas/resources/*.json')):
    with open(file) as schema:
        read = json.load(schema)
    if read.get('typeName') == 'AWS::Lambda::EventSourceMapping':
        print(json.dumps(read['createOnlyProperties']))
`

it('knows the properties of a mapping that CloudFormation cannot change', async () => {
  const programs = await preparePython()
  const paths: string[] = JSON.parse(await run(`${programs}python`, ['-c', readSchema]))
  expect(paths.map((path) => path.replace('/properties/', '')).sort()).toEqual([...createOnly].sort())
})
