import type { Deployment, EventSourceMapping } from '../../../adapters/aws/deployment.ts'
import { plainLine } from '../../inspect/words.ts'
import { plural } from '../../terminal.ts'
import { fine } from '../finding.ts'
import { askCluster } from './cluster.ts'
import { type About, type AwsFinding, answerOf, note, problem, warning } from './finding.ts'
import { type FoundFunction, logsCommand } from './function.ts'
import { diagnoseReason, diagnoseResult, type SourceLogin } from './processing-result.ts'

/** Whether notify's event source mappings read their topics, and whether the function fails in the way that they expect. */
export async function* askEventSources(deployment: Deployment, notify: FoundFunction): AsyncGenerator<AwsFinding> {
  const about = { about: 'event source', name: null } as const
  const call = deployment.eventSources(notify.name)
  const mappings = yield* answerOf({ call, about, action: 'lambda:ListEventSourceMappings' })
  if (mappings?.length === 0)
    yield problem(about, `${notify.name} has no event source, so it never gets a record`, 'deploy again')
  for (const mapping of mappings ?? []) {
    yield* reviewMapping(mapping, notify)
    if (mapping.EventSourceArn) yield* askCluster(deployment, mapping.EventSourceArn, loginOf(mapping))
  }
}

/** The state of one event source mapping: does it run, does it read, can it lose records. */
export function* reviewMapping(mapping: EventSourceMapping, notify: FoundFunction): Generator<AwsFinding> {
  const topic = mapping.Topics?.join(', ') ?? ''
  const about = { about: 'event source', name: topic || (mapping.UUID ?? null) } as const
  const isEnabled = yield* reviewState(mapping, about)
  if (isEnabled) yield* reviewResult(mapping, { about, topic, notify })
  yield* reviewDelivery(mapping, { about, failureMode: notify.variables?.FAILURE_MODE?.trim() })
  yield* reviewLosses(mapping, about)
}

function* reviewState(mapping: EventSourceMapping, about: About): Generator<AwsFinding, boolean> {
  const { State: state = '', StateTransitionReason: transition, UUID: id } = mapping
  const reason = diagnoseReason(transition)
  const where = describe(mapping)
  if (state === 'Enabled') {
    if (reason) yield problem(about, `${where}; ${reason.says}`, reason.advice)
    else yield fine(about, where)
    return true
  }
  if (state === 'Disabled' || state === 'Disabling') {
    const enable = `aws lambda update-event-source-mapping --uuid ${id} --enabled`
    yield problem(about, `is switched off: ${reason?.says ?? transition ?? state}; ${where}`, reason?.advice ?? enable)
    return false
  }
  if (state === 'Deleting') {
    const advice = 'if its topic is still in settings.yml, remove it there and deploy; then add it again and deploy'
    yield problem(about, `is being deleted; ${where}`, advice)
    return false
  }
  yield note(about, `AWS is changing it (${state}); ${where}`, 'run the check again in two minutes')
  return false
}

function* reviewResult(
  mapping: EventSourceMapping,
  { about, topic, notify }: { about: About; topic: string; notify: FoundFunction },
): Generator<AwsFinding> {
  const text = plainLine(mapping.LastProcessingResult ?? '')
  if (text === '') return
  const source = {
    isMsk: mapping.EventSourceArn !== undefined,
    login: loginOf(mapping),
    topic,
    group: groupOf(mapping),
    logs: logsCommand(notify),
  }
  yield { ...about, ...diagnoseResult(text, source) }
}

/** `FAILURE_MODE` and the mapping must match: AWS ignores partial answers that it does not expect, and the records are lost. */
function* reviewDelivery(
  mapping: EventSourceMapping,
  { about, failureMode }: { about: About; failureMode: string | undefined },
): Generator<AwsFinding> {
  const { FunctionResponseTypes: types = [] } = mapping
  const pollers = pollersOf(mapping)
  const readsAnswer = pollers !== undefined && types.includes('ReportBatchItemFailures')
  if (failureMode === 'partial' && !readsAnswer)
    yield problem(
      about,
      `records that fail are lost: FAILURE_MODE is partial, but the event source ${pollers ? 'does not report batch item failures' : 'has no provisioned pollers'}`,
      `if it was changed by hand, deploying again does not help, since CloudFormation sees no difference: ${repairOf(mapping)}`,
    )
  if (failureMode === 'throw' && readsAnswer)
    yield note(
      about,
      'the event source can retry single records, but FAILURE_MODE is throw, so AWS retries whole batches',
      'deploy once more: a switch of delivery, to provisioned or to on-demand, takes two deployments',
    )
}

/** Gives the event source what partial answers need. The pollers that it has stay as they are. */
function repairOf(mapping: EventSourceMapping): string {
  const pollers = pollersOf(mapping) ? '' : ' --provisioned-poller-config MinimumPollers=1,MaximumPollers=1'
  return `aws lambda update-event-source-mapping --uuid ${mapping.UUID} --function-response-types ReportBatchItemFailures${pollers}`
}

/** Settings that let AWS drop records without a message. */
function* reviewLosses(mapping: EventSourceMapping, about: About): Generator<AwsFinding> {
  const { MaximumRetryAttempts: retries = -1, MaximumRecordAgeInSeconds: age = -1 } = mapping
  const destination = mapping.DestinationConfig?.OnFailure?.Destination
  const filters = mapping.FilterCriteria?.Filters?.length ?? 0
  const most = retries >= 0 ? retries : destination ? 10 : undefined
  if (most !== undefined || age > 0) {
    const limits = [...(most === undefined ? [] : [`${most} retries`]), ...(age > 0 ? [`${age} seconds`] : [])].join(
      ' or ',
    )
    const says = `AWS gives up a record after ${limits}${destination ? ` and sends it to ${destination}` : ''}`
    yield destination
      ? note(about, says)
      : warning(
          about,
          says,
          'leave out maximumRetries and maximumRecordAgeSeconds in settings.yml to retry until it succeeds',
        )
  }
  if (filters > 0)
    yield note(
      about,
      `AWS drops records that do not match ${filters === 1 ? 'its filter' : 'any of its filters'}, and nothing is logged about them`,
    )
}

/** `reads from MSK cluster prod, group …, login SCRAM, 1 provisioned poller` */
function describe(mapping: EventSourceMapping): string {
  const { EventSourceArn: arn, SelfManagedEventSource: self } = mapping
  const pollers = pollersOf(mapping)
  const brokers = Object.values(self?.Endpoints ?? {}).flat()
  const source = arn ? `MSK cluster ${arn.split('/')[1] ?? arn}` : `brokers ${brokers.join(', ')}`
  const parts = [
    `reads from ${source}`,
    ...(groupOf(mapping) ? [`group ${groupOf(mapping)}`] : []),
    loginTexts[loginOf(mapping)],
    pollersText(pollers),
    ...(mapping.StartingPosition ? [`new groups start at ${mapping.StartingPosition}`] : []),
  ]
  return plainLine(parts.join(', '))
}

/** Undefined: on demand. */
function pollersOf({ ProvisionedPollerConfig: pollers = {} }: EventSourceMapping) {
  return Object.keys(pollers).length > 0 ? pollers : undefined
}

function groupOf(mapping: EventSourceMapping): string | undefined {
  const { AmazonManagedKafkaEventSourceConfig: msk, SelfManagedKafkaEventSourceConfig: self } = mapping
  return msk?.ConsumerGroupId ?? self?.ConsumerGroupId
}

function pollersText(pollers: EventSourceMapping['ProvisionedPollerConfig']): string {
  if (!pollers) return 'on-demand pollers'
  const { MinimumPollers: least = 1, MaximumPollers: most = 200 } = pollers
  return least === most ? plural(least, 'provisioned poller') : `${least} to ${most} provisioned pollers`
}

const loginTexts: Record<SourceLogin, string> = {
  iam: 'without a secret (IAM, or no login)',
  scram: 'login SCRAM',
  plain: 'login PLAIN',
  mtls: 'client certificate',
  oauth: 'login OAuth',
  none: 'no login',
}

const logins: Record<string, SourceLogin> = {
  BASIC_AUTH: 'plain',
  SASL_SCRAM_256_AUTH: 'scram',
  SASL_SCRAM_512_AUTH: 'scram',
  CLIENT_CERTIFICATE_TLS_AUTH: 'mtls',
  OAUTHBEARER_AUTH: 'oauth',
}

/** Without a secret, Lambda logs in to MSK with IAM if the cluster has it (Lambda developer guide, MSK cluster authentication). */
function loginOf({ SourceAccessConfigurations: access = [], EventSourceArn: arn }: EventSourceMapping): SourceLogin {
  const found = access.map(({ Type: type = '' }) => logins[type]).find((login) => login !== undefined)
  return found ?? (arn ? 'iam' : 'none')
}
