import { describe, expect, it } from 'vitest'
import { alarms } from '../../infra/aws/template/alarms.ts'
import { onDemand, provisioned } from '../infra/watch-inputs.ts'
import { sectionOf } from './pages.ts'

const page = 'docs/aws-costs.md'
const hours = 720
const sweeps = hours * 60

type Row = [name: string, ...cells: string[]]

const tables = (heading: string): Row[][] =>
  sectionOf(page, heading)
    .split('\n\n')
    .map((part) => part.trim())
    .filter((part) => part.startsWith('| '))
    .map((table) => table.split('\n').map((line) => line.slice(2, -2).split(' | ') as Row))

const price = numbersOf(tables('Prices')[0])
const [perInvocation = [], amounts] = tables('Usage')
const usage = numbersOf(amounts)
const eventsADay = (perInvocation[0] ?? []).slice(1).map((cell) => Number(cell.replaceAll(',', '')))

const parts = eventsADay.map((daily, column) => {
  const events = daily * 30
  const invocations = events / Number(perInvocation[2]?.[column + 1])
  const seconds =
    invocations * usage('seconds of an invocation of notify') + events * usage('more seconds for each event in it')
  const lambda = (count: number, duration: number) =>
    (count / 1e6) * price('Lambda, per million invocations') +
    duration * usage('GB of memory') * price('Lambda arm64, per GB-second')
  const reads = events * usage('read units for each event') + sweeps * usage('read units for each sweep')
  const kilobytes =
    events * usage('KB of logs for each event') + (invocations + sweeps) * usage('KB of logs for each invocation')
  return {
    notify: lambda(invocations, seconds),
    sweep: lambda(sweeps, sweeps * usage('seconds of a sweep, one each minute')),
    DynamoDB:
      ((events * usage('write units for each event')) / 1e6) * price('DynamoDB on demand, per million write units') +
      (reads / 1e6) * price('DynamoDB on demand, per million read units'),
    logs: (kilobytes / 1e6) * price('CloudWatch, per GB of logs'),
    'custom metrics': usage('custom metrics of the program') * price('CloudWatch, per custom metric'),
    dashboard: price('CloudWatch, per dashboard'),
  }
})

const unit = hours * price('event poller unit, per hour')
const endpoints = 2 * 2 * hours * price('interface endpoint, per hour and zone')
const nat = hours * (price('NAT gateway, per hour') + price('public IPv4 address of the NAT gateway, per hour'))
const ownMetrics = usage('metrics of an event source with provisioned pollers') * price('CloudWatch, per custom metric')
const alarmsOf = (input: typeof provisioned) =>
  Object.keys(alarms(input).Resources).length * price('CloudWatch, per alarm')

const deliveries = {
  provisioned: [unit, 0, ownMetrics, alarmsOf(provisioned)],
  'provisioned, shared by 10': [unit / 10, 0, ownMetrics, alarmsOf(provisioned)],
  'on-demand': [0, 0, 0, alarmsOf(onDemand)],
  'on-demand with endpoints': [0, endpoints, 0, alarmsOf(onDemand)],
  'on-demand with NAT': [0, nat, 0, alarmsOf(onDemand)],
}

describe('docs/aws-costs.md', () => {
  const [totals, ofDelivery, ofParts] = tables('By events a day')

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
      perInvocation[0]?.[column + 1],
      ...Object.values(deliveries).map((delivery) => (sum(Object.values(costs)) + sum(delivery)).toFixed(0)),
      '0',
    ])
    expect(totals?.slice(2)).toEqual(rows)
  })

  it('counts the metrics of operations.md, those of both functions twice', () => {
    const rows = [...sectionOf('docs/operations.md', 'CloudWatch').matchAll(/^\| (`.*`) \| (notify|sweep|both) \|/gm)]
    const each = rows.map(([, names = '', of]) => names.split(',').length * (of === 'both' ? 2 : 1))
    expect(sum(each)).toBe(usage('custom metrics of the program'))
  })
})

/** In cents, so that what a reader adds up is the sum that the page shows. */
function rounded(dollars: number): number {
  return Number(dollars.toFixed(2))
}

/** Looks up a number by the name of its row. */
function numbersOf(table: Row[] = []): (name: string) => number {
  const numbers = new Map(table.map(([name, cell]) => [name, Number(cell)]))
  return (name) => {
    const number = numbers.get(name)
    if (number === undefined || Number.isNaN(number)) throw new Error(`${page} has no number for "${name}"`)
    return number
  }
}

function sum(numbers: number[]): number {
  return numbers.reduce((a, b) => a + rounded(b), 0)
}

function cents(dollars: number): string {
  return dollars.toFixed(2)
}
