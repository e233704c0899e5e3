import { type Deployment, type MetricSums, metricPeriodMilliseconds } from '../../../adapters/aws/deployment.ts'
import { parseTime } from '../../../core/event/time.ts'
import { ageText } from '../../inspect/words.ts'
import { plural } from '../../terminal.ts'
import { fine } from '../finding.ts'
import { type AwsFinding, answerOf, note, problem, warning } from './finding.ts'
import { type FoundFunction, logsCommand } from './function.ts'

interface Asking {
  deployment: Deployment
  notify: FoundFunction | undefined
  /** Undefined if there is none. */
  sweep: FoundFunction | undefined
  /** Of the stack, by name. */
  scheduleRules: string[]
  now: number
}

const dayMilliseconds = 86_400_000
const sweepMilliseconds = 15 * 60_000

/** When the functions ran last, and whether they failed. */
export async function* askInvocations({
  deployment,
  notify,
  sweep,
  scheduleRules,
  now,
}: Asking): AsyncGenerator<AwsFinding> {
  const functions = [notify, sweep].filter((one) => one !== undefined)
  if (functions.length === 0) return
  const metrics = yield* answerOf({
    call: deployment.metrics(
      functions.map(({ name }) => name),
      now - dayMilliseconds,
    ),
    about: { about: 'function', name: null },
    action: 'cloudwatch:GetMetricData',
  })
  if (!metrics) return
  if (notify) yield* reviewNotify(notify, metrics, now)
  if (!sweep) return
  const finding = reviewSweep(sweep, metrics, now)
  yield finding
  if (finding.level === 'problem') yield* askRules(deployment, scheduleRules)
}

export function* reviewNotify(notify: FoundFunction, metrics: MetricSums[], now: number): Generator<AwsFinding> {
  const about = { about: 'function', name: notify.name } as const
  const { invocations, errors, throttles, lastAt } = countsOf(metrics, notify.name, now - dayMilliseconds)
  if (throttles > 0) {
    yield reviewThrottles(notify, throttles, lastAt !== undefined)
    if (lastAt === undefined) return
  }
  if (lastAt === undefined) {
    const says = 'was not invoked in the last 24 hours: no record arrived'
    const advice =
      'if the event source is fine, nothing is written to the topic: check the exporter, or ask the brokers with kube-eventer-telegram check --kafka'
    yield isNew(notify, now, dayMilliseconds) ? note(about, says, advice) : warning(about, says, advice)
    return
  }
  const last = `last invoked less than ${ageText(Math.ceil((now - lastAt) / 60_000) * 60_000)} ago; ${plural(invocations, 'invocation')} in the last 24 hours`
  if (errors === 0) yield fine(about, `${last}, none failed`)
  else if (errors >= invocations)
    yield problem(about, `${last}, and all failed`, `its log has the reason: ${logsCommand(notify)}`)
  else
    yield warning(
      about,
      `${last}, ${errors} failed and were repeated`,
      `its log has the reasons: ${logsCommand(notify)}`,
    )
}

function reviewThrottles(
  { name, variables, reservedConcurrency: reserved }: FoundFunction,
  throttles: number,
  wasInvoked: boolean,
): AwsFinding {
  const about = { about: 'function', name } as const
  const says = `AWS throttled it ${plural(throttles, 'time')} in the last 24 hours`
  if (reserved === 0) return note(about, `${says}, because it is switched off`)
  // The deployment reserves one, because a second process would show the same records again.
  if (wasInvoked && reserved !== undefined && variables?.STATE?.trim() === 'memory')
    return note(about, `${says}, because one invocation runs at a time (state: memory); AWS tries the records again`)
  if (wasInvoked && reserved !== undefined)
    return warning(
      about,
      `${says}, because its reserved concurrency is ${reserved}; AWS tries the records again`,
      `aws lambda delete-function-concurrency --function-name ${name}`,
    )
  return problem(about, wasInvoked ? says : `${says} and never ran it`, noConcurrencyAdvice)
}

const noConcurrencyAdvice =
  'the account has no free concurrency: ask AWS for a higher quota of concurrent executions, or free reserved concurrency'

export function reviewSweep(sweep: FoundFunction, metrics: MetricSums[], now: number): AwsFinding {
  const about = { about: 'sweep', name: sweep.name } as const
  const { invocations, errors, throttles } = countsOf(metrics, sweep.name, now - sweepMilliseconds)
  if (invocations === 0 && throttles > 0)
    return problem(
      about,
      'AWS throttled every sweep in the last 15 minutes, so pending messages wait',
      noConcurrencyAdvice,
    )
  if (invocations === 0)
    return isNew(sweep, now, sweepMilliseconds)
      ? note(about, 'no sweep ran yet', 'run the check again in some minutes')
      : problem(
          about,
          'no sweep ran in the last 15 minutes, so pending messages wait and incidents stay open',
          'check the EventBridge rule that invokes it every minute; deploy again if it is gone',
        )
  if (errors >= invocations)
    return problem(about, 'every sweep in the last 15 minutes failed', `its log has the reason: ${logsCommand(sweep)}`)
  if (errors > 0)
    return warning(
      about,
      `${errors} of ${invocations} sweeps failed in the last 15 minutes`,
      `its log has the reasons: ${logsCommand(sweep)}`,
    )
  return fine(about, `${plural(invocations, 'sweep')} in the last 15 minutes, none failed`)
}

async function* askRules(deployment: Deployment, scheduleRules: string[]): AsyncGenerator<AwsFinding> {
  for (const rule of scheduleRules) {
    const about = { about: 'sweep', name: rule } as const
    const state = yield* answerOf({
      call: deployment.ruleState(rule),
      about,
      action: 'events:DescribeRule',
      meaning: { ResourceNotFoundException: { says: 'the rule does not exist', advice: 'deploy again' } },
    })
    if (state === 'DISABLED') yield problem(about, 'the rule is disabled', `aws events enable-rule --name ${rule}`)
  }
}

/** The sums since then, with the whole period in which `since` is. */
function countsOf(metrics: MetricSums[], functionName: string, since: number) {
  const sumsOf = (metric: MetricSums['metric']) =>
    metrics
      .filter((one) => one.functionName === functionName && one.metric === metric)
      .flatMap(({ sums }) => sums)
      .filter(({ from, sum }) => from + metricPeriodMilliseconds > since && sum > 0)
  const total = (metric: MetricSums['metric']) => sumsOf(metric).reduce((all, { sum }) => all + sum, 0)
  const invoked = sumsOf('Invocations').map(({ from }) => from)
  return {
    invocations: total('Invocations'),
    errors: total('Errors'),
    throttles: total('Throttles'),
    lastAt: invoked.length === 0 ? undefined : Math.max(...invoked),
  }
}

/** Deployed so recently that nothing need have happened. */
function isNew(
  { function: { LastModified: modified = '' } }: FoundFunction,
  now: number,
  milliseconds: number,
): boolean {
  // 2026-11-28T17:00:00.000+0000
  const at = parseTime(modified.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'))
  return at !== undefined && now - at < milliseconds
}
