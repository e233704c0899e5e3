import type { Alarm, Deployment } from '../../../adapters/aws/deployment.ts'
import { plainLine } from '../../inspect/words.ts'
import { plural } from '../../terminal.ts'
import { fine } from '../finding.ts'
import { type AwsFinding, answerOf, problem, warning } from './finding.ts'

const all = { about: 'alarms', name: null } as const

/** Whether an alarm is active, and whether anybody would be told. `names`: those of the stack. */
export async function* askAlarms(deployment: Deployment, names: string[]): AsyncGenerator<AwsFinding> {
  const alarms = yield* answerOf({ call: deployment.alarms(names), about: all, action: 'cloudwatch:DescribeAlarms' })
  if (alarms) yield* reviewAlarms(alarms)
}

export function* reviewAlarms(alarms: Alarm[]): Generator<AwsFinding> {
  if (alarms.length === 0) {
    yield warning(all, 'the stack has no alarms, so nobody is told when messages stop', 'deploy again')
    return
  }
  const active = alarms.filter(({ StateValue }) => StateValue === 'ALARM')
  const unknown = alarms.filter(({ StateValue }) => StateValue === 'INSUFFICIENT_DATA')
  const counts = [
    active.length === 0 ? 'none is active' : `${active.length} active`,
    ...(unknown.length === 0 ? [] : [`${unknown.length} without data yet`]),
  ]
  yield fine(all, `${plural(alarms.length, 'alarm')}, ${counts.join(', ')}`)
  for (const { AlarmName: name = '', AlarmDescription: description = '', StateReason: reason = '' } of active)
    yield problem({ about: 'alarms', name }, `is active: ${plainLine(reason)}`, plainLine(description) || null)
  const mute = alarms.filter(
    ({ ActionsEnabled: isOn = true, AlarmActions: actions = [] }) => !isOn || actions.length === 0,
  )
  if (mute.length === 0) return
  const which = mute.length === alarms.length ? 'no alarm has an action' : `no action for ${names(mute)}`
  yield warning(
    all,
    `nobody is told: ${which}`,
    'set alarmTopicArns in settings.yml to an SNS topic that you have subscribed to, and deploy',
  )
}

const mostNamed = 3

function names(alarms: Alarm[]): string {
  const shown = alarms.slice(0, mostNamed).map(({ AlarmName: name = '' }) => plainLine(name))
  return [...shown, ...(alarms.length > mostNamed ? ['…'] : [])].join(', ')
}
