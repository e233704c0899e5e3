import type { WatchInput } from '../../infra/aws/template/alarms.ts'

const mappings = [{ id: 'NotifyEventSourceProdKubeEvents0a1b2c3d', source: 'prod', topic: 'kube-events' }]

export const topicArn = 'arn:aws:sns:eu-central-1:123456789012:on-call'

export const provisioned: WatchInput = {
  state: 'dynamodb',
  delivery: 'provisioned',
  alarmTopicArns: [topicArn],
  mappings,
  givesUp: false,
  hasDestination: false,
}
export const onDemand: WatchInput = { ...provisioned, delivery: 'on-demand' }
export const inMemory: WatchInput = { ...provisioned, state: 'memory' }

export const givingUp: WatchInput = { ...provisioned, givesUp: true }
export const diverting: WatchInput = { ...givingUp, hasDestination: true }

export const watchInputs = [
  { name: 'a table and provisioned pollers', input: provisioned },
  { name: 'a table and provisioned pollers that give up', input: givingUp },
  { name: 'a table and provisioned pollers with onFailure', input: diverting },
  { name: 'no event source', input: { ...provisioned, mappings: [] } satisfies WatchInput },
  { name: 'a table and on-demand pollers', input: onDemand },
  { name: 'state=memory and provisioned pollers', input: inMemory },
  { name: 'state=memory and on-demand pollers', input: { ...inMemory, delivery: 'on-demand' } satisfies WatchInput },
]

/** AWS Lambda Developer Guide, "Types of metrics for Lambda functions" */
export const lambdaMetrics = {
  FunctionName: ['DestinationDeliveryFailures', 'Duration', 'Errors', 'Invocations', 'OffsetLag', 'Throttles'],
  EventSourceMappingUUID: [
    'CommitErrorCount',
    'CommittedEventCount',
    'DroppedEventCount',
    'EventPollerUnit',
    'InvokeErrorCount',
    'MaxOffsetLag',
    'OnFailureDestinationDeliveredEventCount',
    'PolledEventCount',
    'PollingErrorCount',
  ],
}
