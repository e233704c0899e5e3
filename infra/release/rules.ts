import type { Kind } from './parameters.ts'

interface Rule {
  RuleCondition?: unknown
  Assertions: { Assert: unknown; AssertDescription: string }[]
}

/** Combinations of parameters that AWS would refuse, or accept and then not work with. CloudFormation checks them before it creates anything. */
export function templateRules(kind: Kind): Record<string, Rule> {
  return {
    SecretOfLogin: {
      RuleCondition: not(isOneOf('Login', ['iam', 'none'])),
      Assertions: [assert(isSet('SecretArn'), 'This Login needs SecretArn.')],
    },
    NoSecretWithoutLogin: {
      RuleCondition: isOneOf('Login', ['iam', 'none']),
      Assertions: [assert(isEmpty('SecretArn'), 'Login iam and none take no SecretArn.')],
    },
    KeyOfSecret: {
      RuleCondition: isSet('SecretKeyArn'),
      Assertions: [assert(isSet('SecretArn'), 'SecretKeyArn is the key of SecretArn, which is missing.')],
    },
    StartingTime: {
      RuleCondition: equals('StartingPosition', 'time'),
      Assertions: [assert(not(equals('StartingTime', '0')), 'Set StartingTime to the output of: date +%s')],
    },
    OneToken: {
      RuleCondition: isSet('TokenSecretArn'),
      Assertions: [assert(isEmpty('TokenParameter'), 'Set TokenParameter or TokenSecretArn, not both.')],
    },
    OneConfigFile: {
      RuleCondition: isSet('ConfigParameter'),
      Assertions: [assert(isEmpty('ConfigBucket'), 'Set ConfigParameter, or ConfigBucket and ConfigKey, not both.')],
    },
    ConfigObject: together('ConfigBucket', 'ConfigKey'),
    ConfigKeyArn: {
      RuleCondition: isSet('ConfigKeyArn'),
      Assertions: [
        assert(
          or(isSet('ConfigParameter'), isSet('ConfigBucket')),
          'ConfigKeyArn needs ConfigParameter or ConfigBucket.',
        ),
      ],
    },
    ...(kind === 'msk' ? ofMsk : ofSelfManaged),
  }
}

const ofMsk: Record<string, Rule> = {
  KeyOfScramSecret: {
    RuleCondition: equals('Login', 'scram-sha-512'),
    Assertions: [
      assert(isSet('SecretKeyArn'), 'MSK requires a customer managed key for a SCRAM secret: set SecretKeyArn.'),
    ],
  },
}

const ofSelfManaged: Record<string, Rule> = {
  PublicBrokers: {
    RuleCondition: equals('Login', 'none'),
    Assertions: [
      assert(isSet('Subnet1'), 'AWS requires credentials over the internet: set Login, or Subnet1 and SecurityGroup.'),
    ],
  },
  Oauth: {
    RuleCondition: not(equals('Login', 'oauth')),
    Assertions: [
      assert(
        and(...['OauthScope', 'OauthAudience', 'OauthLogicalCluster', 'OauthIdentityPool'].map(isEmpty)),
        'The parameters Oauth… need Login oauth.',
      ),
    ],
  },
  Network: together('Subnet1', 'SecurityGroup'),
  SecondSubnet: {
    RuleCondition: isSet('Subnet2'),
    Assertions: [assert(isSet('Subnet1'), 'Set Subnet1 before Subnet2.')],
  },
  ThirdSubnet: {
    RuleCondition: isSet('Subnet3'),
    Assertions: [assert(isSet('Subnet2'), 'Set Subnet2 before Subnet3.')],
  },
}

function together(one: string, other: string): Rule {
  const both = or(and(isSet(one), isSet(other)), and(isEmpty(one), isEmpty(other)))
  return { Assertions: [assert(both, `Set ${one} and ${other} together.`)] }
}

function assert(condition: unknown, description: string) {
  return { Assert: condition, AssertDescription: description }
}

export function equals(parameter: string, value: string) {
  return { 'Fn::Equals': [{ Ref: parameter }, value] }
}

export function isSet(parameter: string) {
  return not(isEmpty(parameter))
}

function isEmpty(parameter: string) {
  return equals(parameter, '')
}

function isOneOf(parameter: string, values: string[]) {
  return { 'Fn::Contains': [values, { Ref: parameter }] }
}

function not(condition: unknown) {
  return { 'Fn::Not': [condition] }
}

export function or(...conditions: unknown[]) {
  return { 'Fn::Or': conditions }
}

function and(...conditions: unknown[]) {
  return { 'Fn::And': conditions }
}
