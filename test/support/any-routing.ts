import fc from 'fast-check'
import { causes } from '../../lib/core/event/cause-table.ts'
import type { Match, Mute, Route, RoutingFile, Rule } from '../../lib/core/routing/schema.ts'

type Fields = Record<string, unknown>

/** Settings that are not in the file, because they are optional. */
type Given<Item> = { [Key in keyof Item]?: Item[Key] | undefined }

function without<Item extends Given<Item>>(item: Item) {
  return Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined))
}

// Few words, so that conditions often match events; all three kinds of patterns, and mixed lists.
const words = {
  type: ['Warning', 'Normal'],
  reason: ['BackOff', 'Failed', 'FailedMount', 'Unhealthy', 'NodeNotReady', 'Killing', 'Whatever'],
  cause: [...new Set(causes.flatMap(({ name }) => name ?? [])), 'Whatever', 'Killing'],
  kind: ['Pod', 'Node', 'Deployment', 'PersistentVolume'],
  namespace: ['shop', 'shop-1', 'default', ''],
  name: ['web-7d9f8c6b5-x2k4p', 'Web-1', 'db-0', 'worker-1'],
  workload: ['web', 'Deployment/web', 'db', 'StatefulSet/db', 'Node/worker-1'],
  node: ['worker-1', 'worker-2'],
  component: ['kubelet', 'scheduler'],
  message: ['Back-off', 'restarting failed', 'Readiness probe', '^x'],
  cluster: ['prod', 'staging'],
}
const severity = fc.constantFrom('critical' as const, 'warning' as const, 'info' as const, 'good' as const)

function condition(field: keyof typeof words): fc.Arbitrary<string | string[]> {
  const word = fc.constantFrom(...words[field])
  const escaped = word.map((text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '.'))
  const written =
    field === 'message'
      ? word
      : fc.oneof(
          { weight: 5, arbitrary: word },
          { weight: 1, arbitrary: word.map((text) => text.toUpperCase()) },
          { weight: 2, arbitrary: word.map((text) => `${text.slice(0, 3)}*`) },
          { weight: 1, arbitrary: word.map((text) => `*${text.slice(-2)}`) },
          { weight: 1, arbitrary: fc.constant('*') },
          { weight: 1, arbitrary: escaped.map((text) => `/^${text}/`) },
        )
  const text = field === 'namespace' ? written : written.filter((one) => one !== '')
  return fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 4 }))
}

const fields = Object.keys(words) as (keyof typeof words)[]

/** Mostly one or two conditions, so that some events match. */
const anyMatch: fc.Arbitrary<Match> = fc
  .tuple(
    fc
      .subarray(fields, { maxLength: 2 })
      .chain((names) => fc.record(Object.fromEntries(names.map((name) => [name, condition(name)])))),
    fc.option(fc.oneof(severity, fc.uniqueArray(severity, { minLength: 1 })), { nil: undefined, freq: 4 }),
    fc.option(fc.constantFrom('1h', '1d', '300d'), { nil: undefined, freq: 8 }),
  )
  .map(([texts, severities, olderThan]) => without({ ...texts, severity: severities, olderThan }))

export const anyConditions = fc
  .tuple(fc.option(anyMatch, { nil: undefined, freq: 9 }), fc.option(anyMatch, { nil: undefined, freq: 2 }))
  .map(([match, except]): Pick<Rule, 'match' | 'except'> => without({ match, except }))

/** Two conditions for the same field, so that one may match everything that the other matches. */
export const anyPair = fc.oneof(
  fc.tuple(anyConditions, anyConditions),
  fc
    .constantFrom(...fields)
    .chain((field) =>
      fc
        .tuple(condition(field), condition(field))
        .map(([a, b]) => [{ match: { [field]: a } }, { match: { [field]: b } }] as const),
    ),
)

const target = fc.constantFrom('oncall', 'platform', '-1009', '@channel')
const targets = fc.oneof(target, fc.array(target, { minLength: 1, maxLength: 3 }))

const rule = fc
  .tuple(
    anyConditions,
    fc.constantFrom<Partial<Rule>>(
      { action: 'drop' },
      { action: 'show' },
      { action: 'show', silent: true },
      { action: 'show', atLeast: 3, within: '10m', per: 'event' },
    ),
    fc.option(severity, { nil: undefined, freq: 3 }),
  )
  .map(
    ([who, what, given]): Partial<Rule> => ({
      ...who,
      ...what,
      ...(given && what.action === 'show' && { severity: given }),
    }),
  )

const mute = fc
  .tuple(anyConditions, fc.constantFrom('2026-11-24T00:00:00Z', '2027-12-01T00:00:00+01:00'))
  .map(([who, until]): Partial<Mute> => ({ ...who, until, reason: 'because' }))

const route = fc
  .tuple(anyConditions, targets, fc.boolean())
  .map(([who, to, continues]): Route => ({ ...who, to, continue: continues }))

/** A valid routing file, whose rules may hide each other. */
export const anyRoutingFile: fc.Arbitrary<RoutingFile> = fc
  .record({
    defaults: fc.boolean(),
    rules: fc.array(rule, { maxLength: 8 }),
    mutes: fc.array(mute, { maxLength: 2 }),
    routes: fc.array(route, { maxLength: 5 }),
  })
  .map(({ rules, mutes, ...others }) => ({
    ...others,
    targets: { oncall: -1001, platform: '-1002:7' },
    rules: rules.map((one, index) => ({ action: 'show', ...one, name: `rule ${index}` })),
    mutes: mutes.map((one, index) => ({ until: '', reason: '', ...one, name: `mute ${index}` })),
  }))

/** An event as Kubernetes writes it, with the same words. Objects without a namespace name none. */
export const meetingEvent: fc.Arbitrary<Fields> = fc
  .record({
    reason: fc.oneof(
      { weight: 2, arbitrary: fc.constantFrom(...words.reason) },
      { weight: 1, arbitrary: fc.constantFrom(...causes.flatMap(({ reasons }) => reasons)) },
    ),
    type: fc.constantFrom(...words.type),
    message: fc
      .array(fc.constantFrom(...words.message, 'Error: ErrImagePull', 'Liveness probe failed', 'x'), { maxLength: 3 })
      .map((parts) => parts.join(' ')),
    kind: fc.constantFrom(...words.kind),
    namespace: fc.constantFrom('shop', 'shop-1', 'default'),
    name: fc.constantFrom(...words.name, ...words.name.map((name) => name.toUpperCase())),
    component: fc.constantFrom(...words.component),
    host: fc.constantFrom(...words.node),
  })
  .map(({ kind, namespace, name, component, host, ...said }) => {
    const isClusterWide = kind === 'Node' || kind === 'PersistentVolume'
    return {
      ...said,
      metadata: { name: `${name}.17a`, namespace: isClusterWide ? 'default' : namespace },
      involvedObject: { kind, name, ...(!isClusterWide && { namespace }) },
      source: { component, host },
      lastTimestamp: '2026-11-24T00:00:00Z',
    }
  })
