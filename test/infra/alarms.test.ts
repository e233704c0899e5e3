import { describe, expect, it } from 'vitest'
import { alarms, type WatchInput } from '../../infra/aws/template/alarms.ts'
import { metrics } from '../../lib/pipeline/ports.ts'
import {
  diverting,
  givingUp,
  inMemory,
  lambdaMetrics,
  onDemand,
  provisioned,
  topicArn,
  watchInputs,
} from './watch-inputs.ts'

const [mapping = { id: '' }] = provisioned.mappings
const ofFunctions = ['NotifyErrorsAlarm', 'NotifyThrottlesAlarm', 'RejectedAlarm', 'ReturnedAlarm']
const ofSweep = ['OldestPendingAlarm', 'SweepErrorsAlarm', 'SweepNotInvokedAlarm', 'SweepThrottlesAlarm']
const ofMapping = [`${mapping.id}LagAlarm`, `${mapping.id}NotPolledAlarm`]

describe('alarms', () => {
  it('of a table and provisioned pollers: functions, sweep, mapping', () => {
    expect(idsOf(provisioned)).toEqual([...ofFunctions, ...ofSweep, ...ofMapping].sort())
  })

  it('of on-demand pollers: the lag is that of the function, and Errors shows what is returned', () => {
    expect(idsOf(onDemand)).toEqual(
      [...ofFunctions.filter((id) => id !== 'ReturnedAlarm'), ...ofSweep, 'LagAlarm'].sort(),
    )
  })

  it('of state=memory: nothing about a sweep, and no throttles, which are normal with one invocation at a time', () => {
    expect(idsOf(inMemory)).toEqual([...ofFunctions.filter((id) => !id.includes('Throttles')), ...ofMapping].sort())
  })

  it('tell about records that Lambda gives up, if it does', () => {
    expect(idsOf(givingUp)).toEqual([...ofFunctions, ...ofSweep, ...ofMapping, `${mapping.id}GivenUpAlarm`].sort())
  })

  // AWS Lambda Developer Guide: DroppedEventCount "excludes events that you send to an on-failure destination".
  it('tell about records in the destination onFailure, and about those that could not be written to it', () => {
    const ofDestination = [`${mapping.id}GivenUpAlarm`, `${mapping.id}DivertedAlarm`, 'DestinationFailedAlarm']
    expect(idsOf(diverting)).toEqual([...ofFunctions, ...ofSweep, ...ofMapping, ...ofDestination].sort())
    expect(propertiesOf(diverting).map(({ MetricName }) => MetricName)).toEqual(
      expect.arrayContaining(['OnFailureDestinationDeliveredEventCount', 'DestinationDeliveryFailures']),
    )
  })

  it('watch each mapping by its UUID', () => {
    const other = { id: 'NotifyEventSourceProdOther4e5f6a7b', source: 'prod', topic: 'other' }
    const two = { ...provisioned, mappings: [...provisioned.mappings, other] }
    const { Properties } = alarms(two).Resources.NotifyEventSourceProdOther4e5f6a7bLagAlarm ?? {}
    expect(Properties).toMatchObject({
      Namespace: 'AWS/Lambda',
      MetricName: 'MaxOffsetLag',
      Dimensions: [{ Name: 'EventSourceMappingUUID', Value: { Ref: other.id } }],
    })
    expect(Properties?.AlarmDescription).toContain('other of prod')
  })

  it('may have a parameter of the template as topic', () => {
    const input = { ...provisioned, mappings: [{ ...mapping, topic: { Ref: 'Topic' } }] } as WatchInput
    const [lag] = propertiesOf(input).filter(({ MetricName }) => MetricName === 'MaxOffsetLag')
    expect(JSON.stringify(lag?.AlarmDescription)).toContain('{"Ref":"Topic"}')
  })

  it('have no action without a topic', () => {
    for (const properties of propertiesOf({ ...provisioned, alarmTopicArns: [] }))
      expect(properties).not.toHaveProperty('AlarmActions')
  })
})

describe.each(watchInputs)('alarms of $name', ({ input }) => {
  const all = Object.entries(alarms(input).Resources).map(([id, { Properties }]) => [id, Properties] as const)

  it.each(all)('%s notifies about its beginning and its end', (_, properties) => {
    expect(properties).toMatchObject({ AlarmActions: [topicArn], OKActions: [topicArn] })
  })

  it.each(all)('%s says what it means, within the limit of AWS', (_, { AlarmDescription }) => {
    // PutMetricAlarm: up to 1,024 characters. Topics have up to 249.
    expect(String(AlarmDescription).length).toBeLessThan(1024 - 249)
    expect(String(AlarmDescription)).toMatch(/\b\d+ minutes\b|last hour/)
  })

  it.each(all)('%s has a metric that exists', (_, { Namespace, MetricName, Dimensions }) => {
    const [dimension] = Dimensions as { Name: keyof typeof lambdaMetrics }[]
    const known: string[] =
      Namespace === 'AWS/Lambda' ? lambdaMetrics[dimension?.Name ?? 'FunctionName'] : metrics.map(({ Name }) => Name)
    expect(known).toContain(MetricName)
  })

  it.each(all)('%s takes at most an hour, as CloudWatch allows up to a day', (_, properties) => {
    const { Period, EvaluationPeriods, DatapointsToAlarm } = properties as Record<string, number>
    expect((Period ?? 0) * (EvaluationPeriods ?? 0)).toBeLessThanOrEqual(3_600)
    expect(DatapointsToAlarm).toBeLessThanOrEqual(EvaluationPeriods ?? 0)
  })
})

describe('an alarm', () => {
  const none = undefined
  const hours = (value?: number) => Array.from({ length: 24 }, () => value)
  // Each time-out takes five minutes, and Lambda tries again a moment later: in some periods no invocation begins.
  const timeOuts = Array.from({ length: 61 }, (_, period) => Math.ceil((period + 1) / 1.05) - Math.ceil(period / 1.05))

  // What CloudWatch gets for each period (nine empty polls are nine samples), and the state at the end.
  it.each<[id: string, what: string, data: (number | undefined)[], state: State]>([
    ['NotifyErrors', 'no events for hours', hours(none), 'OK'],
    ['NotifyErrors', 'one failure', [0, 0, 0, 1, 0], 'OK'],
    ['NotifyErrors', 'a failure each half hour', [1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1], 'OK'],
    ['NotifyErrors', 'nothing but time-outs', timeOuts, 'ALARM'],
    ['NotifyErrors', 'failures that have ended', [9, 9, 9, 9, 9, 0, 0, 0], 'OK'],
    ['Returned', 'no events for hours', hours(none), 'OK'],
    ['Returned', 'one Telegram error', [0, 3, 0], 'OK'],
    ['Returned', 'Telegram is down', [4, 4, 4], 'ALARM'],
    ['Rejected', 'one record', [0, 0, 1], 'ALARM'],
    ['Rejected', 'none for an hour', [1, ...hours(none).slice(0, 12)], 'OK'],
    ['NotifyThrottles', 'a short peak', [20, 0, 0, 0, 0], 'OK'],
    ['SweepErrors', 'each sweep fails', [5, 5, 5], 'ALARM'],
    ['SweepNotInvoked', 'a sweep each minute', hours(1), 'OK'],
    ['SweepNotInvoked', 'some minutes without a sweep', [1, ...hours(none).slice(0, 9)], 'OK'],
    ['SweepNotInvoked', 'the rule is disabled', [1, ...hours(none).slice(0, 12)], 'ALARM'],
    ['SweepNotInvoked', 'it has just been deployed', [...hours(none), 1], 'OK'],
    ['OldestPending', 'nothing is pending', hours(0), 'OK'],
    ['OldestPending', 'a storm is shown within 15 minutes', [300, 600, 895, 0], 'OK'],
    ['OldestPending', 'a target is broken', [600, 901, 1_201, 1_501], 'ALARM'],
    ['OldestPending', 'a target is broken, and the sweep stops', [901, 1_201, 1_501, none, none, none], 'ALARM'],
    ['OldestPending', 'some sweeps had no time to count', [901, none, 1_201, none, 1_501], 'ALARM'],
    [`${mapping.id}NotPolled`, 'no events for hours, only empty polls', hours(9), 'OK'],
    [`${mapping.id}NotPolled`, 'the mapping is disabled', [9, ...hours(none)], 'ALARM'],
    [
      `${mapping.id}NotPolled`,
      'a poll each ten minutes',
      [9, ...hours(none).slice(0, 9), 9, ...hours(none).slice(0, 9)],
      'OK',
    ],
    [`${mapping.id}Lag`, 'no events for hours', hours(none), 'INSUFFICIENT_DATA'],
    [`${mapping.id}Lag`, 'a storm', [0, 4_000, 2_500, 0], 'OK'],
    [`${mapping.id}Lag`, 'notify is too slow', [1_100, 1_900, 2_700], 'ALARM'],
    [`${mapping.id}Lag`, 'Lambda reads nothing any more', [1_100, 1_900, 2_700, none, none, none], 'INSUFFICIENT_DATA'],
  ])('%s: %s', (id, _, data, state) => {
    const { Properties } = alarms(provisioned).Resources[`${id}Alarm`] ?? {}
    expect(stateAfter(data, Properties as unknown as AlarmProperties)).toBe(state)
  })

  it('about polls counts empty polls as polls', () => {
    const [polls] = propertiesOf(provisioned).filter(({ MetricName }) => MetricName === 'PolledEventCount')
    expect(polls).toMatchObject({ Statistic: 'SampleCount', ComparisonOperator: 'LessThanThreshold', Threshold: 1 })
  })
})

type State = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA'

interface AlarmProperties {
  EvaluationPeriods: number
  DatapointsToAlarm: number
  ComparisonOperator: string
  Threshold: number
  TreatMissingData: 'breaching' | 'notBreaching' | 'ignore' | 'missing'
}

/**
 * As CloudWatch evaluates an alarm (Amazon CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data"). It looks further
 * back for data if some are missing.
 */
function stateAfter(data: (number | undefined)[], alarm: AlarmProperties): State {
  const { EvaluationPeriods: periods, DatapointsToAlarm: enough, Threshold, TreatMissingData } = alarm
  const isBad = (value: number) =>
    alarm.ComparisonOperator === 'GreaterThanThreshold' ? value > Threshold : value < Threshold
  let state: State = 'INSUFFICIENT_DATA'
  for (let end = 1; end <= data.length; end++) {
    const real = data.slice(Math.max(0, end - periods - 2), end).filter((value) => value !== undefined)
    const missing = Math.max(0, periods - real.length)
    const bad = real.slice(-periods).filter(isBad).length
    const recent = data.slice(Math.max(0, end - periods), end)
    const hasNoData = recent.every((value) => value === undefined)
    if (hasNoData && TreatMissingData === 'ignore') continue
    if (hasNoData && TreatMissingData === 'missing') state = 'INSUFFICIENT_DATA'
    else if (hasNoData && TreatMissingData === 'notBreaching') state = 'OK'
    else state = bad + (TreatMissingData === 'breaching' ? missing : 0) >= enough ? 'ALARM' : 'OK'
  }
  return state
}

function idsOf(input: WatchInput): string[] {
  return Object.keys(alarms(input).Resources).sort()
}

function propertiesOf(input: WatchInput): Record<string, unknown>[] {
  return Object.values(alarms(input).Resources).map(({ Properties }) => Properties)
}
