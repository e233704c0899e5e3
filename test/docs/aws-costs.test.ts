import { describe, expect, it } from 'vitest'
import { alarms, type WatchInput } from '../../infra/aws/template/alarms.ts'
import { onDemand, provisioned } from '../infra/watch-inputs.ts'
import { costsPage, numbersOf, tablesOf, usage, usageAt, volumes } from './costs-page.ts'
import { sectionOf } from './pages.ts'

const hours = 720
const days = 30
const sweeps = hours * 60

const price = numbersOf(tablesOf('Prices')[0])

const parts = volumes.map((daily, column) => {
  const events = Number(daily.replaceAll(',', '')) * days
  const invocations = events / usageAt('events in one invocation of notify', column)
  const seconds =
    invocations * usage('seconds of an invocation of notify') + events * usage('more seconds for each event in it')
  const writes = events * usageAt('write units for each event', column)
  const reads = events * usageAt('read units for each event', column) + sweeps * usage('read units for each sweep')
  const kilobytes =
    events * usage('KB of logs for each event') + (invocations + sweeps) * usage('KB of logs for each invocation')
  return {
    notify: lambda(invocations, seconds),
    sweep: lambda(sweeps, sweeps * usage('seconds of a sweep, one each minute')),
    DynamoDB:
      (writes / 1e6) * price('DynamoDB on demand, per million write units') +
      (reads / 1e6) * price('DynamoDB on demand, per million read units'),
    logs: (kilobytes / 1e6) * price('CloudWatch, per GB of logs'),
    'custom metrics': usage('custom metrics of the program') * price('CloudWatch, per custom metric'),
    dashboard: price('CloudWatch, per dashboard'),
  }
})

const pollers = hours * price('event poller unit, per hour')
// Two services in two zones.
const endpoints = 2 * 2 * hours * price('interface endpoint, per hour and zone')
const gateway = hours * (price('NAT gateway, per hour') + price('public IPv4 address of the NAT gateway, per hour'))
const ofSource = usage('metrics of an event source with provisioned pollers') * price('CloudWatch, per custom metric')

const deliveries = {
  provisioned: [pollers, 0, ofSource, alarmsOf(provisioned)],
  'provisioned, shared by 10': [pollers / 10, 0, ofSource, alarmsOf(provisioned)],
  'on-demand': [0, 0, 0, alarmsOf(onDemand)],
  'on-demand with endpoints': [0, endpoints, 0, alarmsOf(onDemand)],
  'on-demand with NAT': [0, gateway, 0, alarmsOf(onDemand)],
}

describe(costsPage, () => {
  const [totals, ofDelivery, ofParts] = tablesOf('By events a day')

  it('has the cost of each part', () => {
    const rows = Object.keys(parts[0] ?? {}).map((name) => [
      name,
      ...parts.map((costs) => cents(costs[name as keyof typeof costs])),
    ])
    expect(ofParts?.slice(2)).toEqual([...rows, ['sum', ...parts.map((costs) => cents(sum(Object.values(costs))))]])
  })

  it('has the cost of each delivery', () => {
    const rows = Object.entries(deliveries).map(([name, costs]) => [name, ...[...costs, sum(costs)].map(cents)])
    expect(ofDelivery?.slice(2)).toEqual(rows)
  })

  it('has the sum for each number of events', () => {
    expect(totals?.[0]).toEqual(['events a day', ...Object.keys(deliveries), 'worker'])
    const rows = parts.map((costs, column) => [
      volumes[column],
      ...Object.values(deliveries).map((delivery) => (sum(Object.values(costs)) + sum(delivery)).toFixed(0)),
      '0',
    ])
    expect(totals?.slice(2)).toEqual(rows)
  })

  it('says in short what all but pollers and network costs', () => {
    const rest = (delivery: number[]) => sum(Object.values(parts[1] ?? {})) + sum(delivery.slice(2))
    const { provisioned: own, 'on-demand': shared } = deliveries
    expect(sectionOf(costsPage, 'In short')).toContain(
      `everything else costs ${rest(shared).toFixed(0)} dollars with \`on-demand\` and ${rest(own).toFixed(0)} with \`provisioned\``,
    )
  })

  it('counts the metrics of operations.md, those of both functions twice', () => {
    const rows = [...sectionOf('docs/operations.md', 'CloudWatch').matchAll(/^\| (`.*`) \| (notify|sweep|both) \|/gm)]
    const each = rows.map(([, names = '', of]) => names.split(',').length * (of === 'both' ? 2 : 1))
    expect(sum(each)).toBe(usage('custom metrics of the program'))
  })
})

function lambda(invocations: number, seconds: number): number {
  return (
    (invocations / 1e6) * price('Lambda, per million invocations') +
    seconds * usage('GB of memory') * price('Lambda arm64, per GB-second')
  )
}

function alarmsOf(input: WatchInput): number {
  return Object.keys(alarms(input).Resources).length * price('CloudWatch, per alarm')
}

/** Of whole cents, so that a reader who adds up gets the sum that the page shows. */
function sum(numbers: number[]): number {
  return numbers.reduce((a, b) => a + Number(cents(b)), 0)
}

function cents(dollars: number): string {
  return dollars.toFixed(2)
}
