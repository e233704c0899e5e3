import { isDeepStrictEqual } from 'node:util'
import { idsOf, type Properties, propertiesOf, type Template } from '../template.ts'
import { keyOf } from './mapping-refusals.ts'
import type { Mapping, Stack } from './stack.ts'

/** What goes wrong when `deployed` is updated to `next` on AWS, although the emulated AWS takes it. */
export function findUpdateProblems(deployed: Stack, next: Stack): string[] {
  return [
    ...next.mappings.flatMap((mapping) => {
      const before = deployed.mappings.find(({ id }) => id === mapping.id)
      const problems = before ? findChangeProblems(before, mapping) : findNewProblems(mapping, deployed)
      return problems.map((problem) => `${mapping.id}: ${problem}`)
    }),
    ...findAnswerProblems(deployed, next),
    ...findNameProblems(deployed.template, next.template),
    ...findTableProblems(deployed.template, next.template),
  ]
}

/**
 * What an update leaves out stays as it was (AWS Lambda API reference, UpdateEventSourceMapping). CloudFormation is known to take back some of them
 * only (go-to-k/cdkd, issue 976). Each with the value that takes it back.
 */
const stays: Record<string, unknown> = {
  BisectBatchOnFunctionError: false,
  DestinationConfig: {},
  FilterCriteria: {},
  FunctionResponseTypes: [],
  KmsKeyArn: '',
  MaximumRecordAgeInSeconds: -1,
  MaximumRetryAttempts: -1,
  MetricsConfig: { Metrics: [] },
  SourceAccessConfigurations: [],
}

// CloudFormation schema of AWS::Lambda::EventSourceMapping, createOnlyProperties: a change creates a second mapping, then deletes the first.
export const createOnly = ['EventSourceArn', 'SelfManagedEventSource', 'StartingPosition', 'StartingPositionTimestamp']

/** Each with its source; a table of what CloudFormation cannot do to a mapping. */
const changes: { problem: string; source: string; isBroken(before: Mapping, after: Mapping): boolean }[] = [
  {
    problem: 'a changed topic is ignored without an error, so the old topic is read on',
    source: 'aws-cloudformation/cloudformation-coverage-roadmap, issue 2140; UpdateEventSourceMapping has no Topics',
    isBroken: (before, after) => before.topic !== after.topic,
  },
  {
    problem: 'the consumer group of a mapping cannot be changed',
    source: 'AWS Lambda API reference, CreateEventSourceMapping: "you cannot update this value"',
    isBroken: (before, after) => before.group !== after.group,
  },
  {
    problem: 'a changed property needs a new mapping, which meets 409: the function has a mapping for that topic',
    source: 'aws/aws-cdk, issue 26416; CloudFormation schema, createOnlyProperties',
    isBroken: ({ properties: before }, { properties: after }) =>
      createOnly.some((name) => !isDeepStrictEqual(before[name], after[name])),
  },
  {
    problem: 'a batch window cannot be taken away again, only changed',
    source: 'AWS Lambda API reference: "you cannot revert back to the 500 ms default batching window"',
    isBroken: ({ properties: before }, { properties: after }) =>
      'MaximumBatchingWindowInSeconds' in before && !('MaximumBatchingWindowInSeconds' in after),
  },
  {
    problem: 'a batch size that is left out stays as it was',
    source: 'AWS Lambda API reference, UpdateEventSourceMapping: no value restores the default',
    isBroken: ({ properties: before }, { properties: after }) => 'BatchSize' in before && !('BatchSize' in after),
  },
  {
    problem: 'provisioned pollers stay, and are billed, unless ProvisionedPollerConfig is {}',
    source: 'AWS Lambda developer guide, Apache Kafka event poller scaling modes',
    isBroken: (before, after) => before.isProvisioned && !('ProvisionedPollerConfig' in after.properties),
  },
]

function findChangeProblems(before: Mapping, after: Mapping): string[] {
  return [
    ...changes.filter(({ isBroken }) => isBroken(before, after)).map(({ problem, source }) => `${problem} (${source})`),
    ...Object.entries(stays)
      .filter(([name, none]) => !isDeepStrictEqual(before.properties[name] ?? none, none))
      .filter(([name]) => !(name in after.properties))
      .map(([name]) => `${name} is left out, and stays as it was`),
  ]
}

/** A new mapping is created while all deployed ones still exist. */
function findNewProblems(mapping: Mapping, { mappings }: Stack): string[] {
  const same = mappings.find((other) => keyOf(other) === keyOf(mapping))
  const group = mappings.find((other) => other.group === mapping.group)
  return [
    ...(same ? [`409: ${same.id} exists for the same function, cluster and topic (aws/aws-cdk, issue 26416)`] : []),
    ...(group ? [`${group.id} has the same consumer group, so each gets a part of the records`] : []),
    ...findCreationProblems(mapping),
  ]
}

/** What is refused when a mapping is created, although an update may have it. */
export function findCreationProblems({ properties, isProvisioned }: Mapping): string[] {
  return 'ProvisionedPollerConfig' in properties && !isProvisioned
    ? [
        'ProvisionedPollerConfig {} is refused for a new mapping (AWS Lambda developer guide, Event poller scaling modes)',
      ]
    : []
}

/**
 * A function changes before its mappings, which take up to 90 s, and old mappings are deleted last (AWS Lambda developer guide, Apache Kafka event
 * poller scaling modes; AWS CloudFormation user guide, Understand update behaviors).
 */
function findAnswerProblems(deployed: Stack, next: Stack): string[] {
  return deployed.mappings
    .filter(({ isProvisioned }) => !isProvisioned)
    .filter(
      (mapping) => next.functions.find(({ id }) => id === mapping.function?.id)?.variables.FAILURE_MODE === 'partial',
    )
    .map(
      ({ id }) =>
        `${id}: the function answers with failed records while on-demand pollers still call it, so those records are lost`,
    )
}

const nameProperties: Record<string, string> = {
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::IAM::Role': 'RoleName',
  'AWS::Events::Rule': 'Name',
  'AWS::CloudWatch::Alarm': 'AlarmName',
  'AWS::CloudWatch::Dashboard': 'DashboardName',
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::Logs::LogGroup': 'LogGroupName',
}

/** A resource under a new logical id is created before the old one is deleted, so its name is still taken. */
function findNameProblems(deployed: Template, next: Template): string[] {
  return Object.entries(nameProperties).flatMap(([type, property]) => {
    const nameIn = (template: Template, id: string) => propertiesOf(template, id)[property]
    const before = idsOf(deployed, type)
    return idsOf(next, type)
      .filter((id) => !before.includes(id) && nameIn(next, id) !== undefined)
      .flatMap((id) =>
        before.filter((other) => nameIn(deployed, other) === nameIn(next, id)).map((other) => [id, other]),
      )
      .map(([id, other]) => `${id}: its name is taken by ${other} until the end of the update`)
  })
}

function findTableProblems(deployed: Template, next: Template): string[] {
  return idsOf(deployed, 'AWS::DynamoDB::Table').flatMap((id) => {
    const before = propertiesOf(deployed, id)
    const policy = deployed.Resources[id]?.DeletionPolicy ?? 'Delete'
    if (!next.Resources[id])
      return policy === 'Delete' && before.DeletionProtectionEnabled === true
        ? [`${id}: deletion protection leaves the table behind, outside of the stack and under its name`]
        : []
    const after = propertiesOf(next, id)
    const indexes = [...indexesOf(before), ...indexesOf(after)]
    const changed = indexes.filter((name) => indexesOf(before).includes(name) !== indexesOf(after).includes(name))
    return [
      ...(before.TableName === after.TableName && !isDeepStrictEqual(before.KeySchema, after.KeySchema)
        ? [`${id}: a table with a name cannot be replaced (AWS CloudFormation user guide, Name type)`]
        : []),
      ...staysOn
        .filter((name) => isOn(before[name]) && !(name in after))
        .map((name) => `${id}: ${name} is left out, and no source says that it is switched off`),
      ...(changed.length > 1 ? [`${id}: one index can be added or removed at a time, not ${changed.join(', ')}`] : []),
    ]
  })
}

const staysOn = ['DeletionProtectionEnabled', 'PointInTimeRecoverySpecification']

function isOn(value: unknown): boolean {
  return value === true || (value as Properties | undefined)?.PointInTimeRecoveryEnabled === true
}

function indexesOf({ GlobalSecondaryIndexes = [] }: Properties): string[] {
  return (GlobalSecondaryIndexes as { IndexName: string }[]).map(({ IndexName }) => IndexName)
}
