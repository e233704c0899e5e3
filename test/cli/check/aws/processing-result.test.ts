import { describe, expect, test } from 'vitest'
import { diagnoseReason, diagnoseResult, type SourceLogin } from '../../../../lib/cli/check/aws/processing-result.ts'

const msk = {
  isMsk: true,
  login: 'iam' as SourceLogin,
  topic: 'kube-events',
  group: 'kube-eventer-telegram-lambda-prod-prod-kube-events',
  logs: 'aws logs tail /aws/lambda/notify --since 1h',
}
const selfManaged = { ...msk, isMsk: false, login: 'scram' as SourceLogin }

// The texts are from the Lambda developer guide and awslabs' MCP server for serverless applications.
describe('LastProcessingResult in words', () => {
  test.each([
    ['OK', 'fine', 'the last batch was processed'],
    ['No records processed', 'note', 'no record was read yet'],
    [
      'PROBLEM: Connection error. Your event source VPC must be able to connect to Lambda and STS, Secrets Manager (if event source authentication is required), and the OnFailure Destination (if one is configured).',
      'problem',
      'the pollers cannot reach AWS: Lambda and STS, and Secrets Manager if there is a secret',
    ],
    [
      'PROBLEM: Connection error. Please check your event source connection configuration. If your event source lives in a VPC, try setting up a new Lambda function or EC2 instance with the same VPC, Subnet, and Security Group settings.',
      'problem',
      'the pollers cannot connect to the brokers',
    ],
    ['PROBLEM: Lambda failed to assume your function execution role.', 'problem', 'Lambda cannot assume the role'],
    ['PROBLEM: Cluster failed to authorize Lambda.', 'problem', 'the brokers do not allow reading topic kube-events'],
    ['PROBLEM: SASL authentication failed.', 'problem', 'the brokers do not accept the login'],
    ['PROBLEM: Server failed to authenticate Lambda.', 'problem', 'the brokers do not accept the client certificate'],
    [
      'PROBLEM: Lambda failed to authenticate server.',
      'problem',
      'Lambda does not trust the certificate of the brokers',
    ],
    ['PROBLEM: Provided certificate or private key is invalid.', 'problem', 'cannot be used'],
    ['PROBLEM: Topic does not exist.', 'problem', 'the brokers have no topic kube-events'],
    ['PROBLEM: Function call failed', 'warning', 'the function failed on the last batch'],
    ['PROBLEM: Lambda is throttling your function.', 'problem', 'AWS throttles the function'],
    ['PROBLEM: something new', 'problem', 'AWS says “PROBLEM: something new”'],
  ])('%s', (result, level, words) => {
    const diagnosis = diagnoseResult(result, msk)
    expect(diagnosis).toMatchObject({ level, says: expect.stringContaining(words) })
    if (result.startsWith('PROBLEM')) {
      expect(diagnosis.says).toContain(`AWS says “${result}”`)
      expect(diagnosis.advice).toBeTruthy()
    }
  })

  test.each<[string, typeof msk, string]>([
    ['PROBLEM: Connection error.', msk, 'the security group of the cluster'],
    ['PROBLEM: Connection error.', selfManaged, 'check bootstrapServers'],
    ['PROBLEM: Cluster failed to authorize Lambda.', msk, 'kafka-cluster:Connect'],
    ['PROBLEM: Cluster failed to authorize Lambda.', selfManaged, 'the user needs the ACLs'],
    ['PROBLEM: SASL authentication failed.', msk, 'kafka-cluster:Connect'],
    ['PROBLEM: SASL authentication failed.', selfManaged, 'the password in the secret'],
    ['PROBLEM: Server failed to authenticate Lambda.', msk, 'set login: mtls'],
    [
      'PROBLEM: Server failed to authenticate Lambda.',
      { ...msk, login: 'mtls' },
      'the brokers trust the authority that signed the certificate',
    ],
    ['PROBLEM: Function call failed', msk, 'aws logs tail /aws/lambda/notify --since 1h'],
  ])('the advice for %s depends on the source (%#)', (result, source, words) => {
    expect(diagnoseResult(result, source).advice).toContain(words)
  })
})

describe('StateTransitionReason', () => {
  test.each([
    ['USER_INITIATED', undefined],
    ['User action', undefined],
    [undefined, undefined],
    ['ESM_CONFIG_NOT_VALID', 'the event source is configured wrongly'],
    ['EVENT_SOURCE_AUTHN_ERROR', 'the brokers do not accept the login'],
    ['EVENT_SOURCE_AUTHZ_ERROR', 'the brokers do not allow reading the topic'],
    ['FUNCTION_CONFIG_NOT_VALID', 'the function is configured wrongly'],
  ])('%s', (reason, words) => {
    expect(diagnoseReason(reason)?.says).toBe(words && `${words} (AWS says “${reason}”)`)
  })
})
