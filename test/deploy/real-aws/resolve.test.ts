import { expect, it } from 'vitest'
import type { Template } from '../template.ts'
import { resolveTemplate } from './resolve.ts'
import { place } from './small-template.ts'

const sub = (text: string) => ({ 'Fn::Sub': text.replaceAll('<', '$'.concat('{')).replaceAll('>', '}') })

/** An intrinsic function and its value. */
const values: [unknown, unknown][] = [
  [{ Ref: 'AWS::Region' }, 'eu-central-1'],
  [{ Ref: 'Stage' }, 'prod'],
  [{ Ref: 'Function' }, 'notify'],
  [{ Ref: 'Unnamed' }, 'events-prod-Unnamed-1A2B3C4D5E6F'],
  [{ Ref: 'Mapping' }, '01234567-89ab-cdef-0123-456789abcdef'],
  [{ 'Fn::GetAtt': ['Function', 'Arn'] }, 'arn:aws:lambda:eu-central-1:123456789012:function:notify'],
  [{ 'Fn::GetAtt': 'Role.Arn' }, 'arn:aws:iam::123456789012:role/role'],
  [{ 'Fn::GetAtt': ['Log', 'Arn'] }, 'arn:aws:logs:eu-central-1:123456789012:log-group:/log:*'],
  [
    sub('<AWS::StackName>/<Function>/<Role.Arn>/<!Function>'),
    'events-prod/notify/arn:aws:iam::123456789012:role/role/$'.concat('{Function}'),
  ],
  [{ 'Fn::Sub': [sub('<Name>')['Fn::Sub'], { Name: { Ref: 'Stage' } }] }, 'prod'],
  [{ 'Fn::Join': ['-', ['a', { Ref: 'Stage' }]] }, 'a-prod'],
  [{ 'Fn::Select': [1, { 'Fn::Split': [',', 'a,b'] }] }, 'b'],
  [{ 'Fn::If': ['IsProd', 'yes', 'no'] }, 'yes'],
  [{ 'Fn::If': ['IsOther', 'yes', 'no'] }, 'no'],
  [['a', { Ref: 'AWS::NoValue' }], ['a']],
  [{ A: { Ref: 'AWS::NoValue' }, B: 1 }, { B: 1 }],
]

function templateWith(value: unknown): Template {
  const template = {
    Parameters: { Stage: { Type: 'String', Default: 'prod' } },
    Conditions: {
      IsProd: { 'Fn::Equals': [{ Ref: 'Stage' }, 'prod'] },
      IsOther: { 'Fn::And': [{ Condition: 'IsProd' }, { 'Fn::Not': [{ Condition: 'IsProd' }] }] },
    },
    Resources: {
      Function: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'notify' } },
      Unnamed: { Type: 'AWS::Lambda::Function', Properties: {} },
      Mapping: { Type: 'AWS::Lambda::EventSourceMapping', Properties: {} },
      Role: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'role' } },
      Log: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: '/log' } },
      Left: { Type: 'AWS::S3::Bucket', Condition: 'IsOther', Properties: {} },
      Tested: { Type: 'AWS::S3::Bucket', Properties: { value } },
    },
  }
  return template
}

it.each(values)('resolves %j', (value, expected) => {
  expect(resolveTemplate(templateWith(value), place).Resources.Tested?.Properties.value).toEqual(expected)
})

it('leaves out a resource whose condition is false', () => {
  expect(Object.keys(resolveTemplate(templateWith(1), place).Resources)).not.toContain('Left')
})

it.each([{ Ref: 'Nothing' }, { 'Fn::GetAtt': ['Function', 'Size'] }, { 'Fn::Base64': 'a' }])('refuses %j', (value) => {
  expect(() => resolveTemplate(templateWith(value), place)).toThrow(/Nothing|Size|Fn::Base64/)
})
