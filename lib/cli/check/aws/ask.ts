import { type Deployment, openDeployment, type StackResource } from '../../../adapters/aws/deployment.ts'
import { systemClock } from '../../../adapters/clock.ts'
import type { Environment } from '../../../app/config/environment.ts'
import { parseStateSetting } from '../../../app/config/state.ts'
import { askAlarms } from './alarms.ts'
import { askConfiguration } from './configuration.ts'
import { accessIn, askCaller } from './credentials.ts'
import { askEventSources } from './event-source.ts'
import { type AwsFinding, problem } from './finding.ts'
import { askFunction, type FoundFunction } from './function.ts'
import { askInvocations } from './invocations.ts'
import { askStack } from './stack.ts'
import { askTable } from './table.ts'
import { askToken } from './token.ts'

export interface DeploymentPlace {
  /** The name of the CloudFormation stack. */
  stack: string
  region: string
}

interface Questions extends DeploymentPlace {
  environment: Environment
  /** Hides the token in all output. */
  hide: (token: string) => void
}

/** Checks a deployment, the likely causes of missing messages first. Changes nothing. Stops only if AWS rejects the credentials or nothing is deployed. */
export async function* askAws({ environment, stack, region, hide }: Questions): AsyncGenerator<AwsFinding, undefined> {
  const given = accessIn(environment, region)
  if ('finding' in given) {
    yield given.finding
    return
  }
  const deployment = openDeployment(given.access, systemClock)
  const caller = yield* askCaller(deployment, given.access)
  if (!caller) return
  const listed = yield* askStack(deployment, { name: stack, region, account: caller.account })
  if (listed === 'missing') return
  const resources = listed === 'unlisted' ? assumedFunctions(stack) : listed

  const notify = yield* askNotify(deployment, { stack, resources })
  const { hasSweep, table } = durableParts(notify, listed === 'unlisted' ? [] : listed)
  const sweep = hasSweep ? yield* askSweep(deployment, { stack, resources }) : undefined
  if (notify?.variables) yield* askConfiguration(notify, given.access)
  if (notify) yield* askEventSources(deployment, notify)
  if (notify?.variables) yield* askToken({ deployment, variables: notify.variables, hide })
  if (table !== undefined) yield* askTable(deployment, table)
  const scheduleRules = idsOf(resources, 'AWS::Events::Rule')
  yield* askInvocations({ deployment, notify, sweep, scheduleRules, now: systemClock.now() })
  if (listed !== 'unlisted') yield* askAlarms(deployment, idsOf(resources, 'AWS::CloudWatch::Alarm'))
}

/** What the deployment needs for a durable state, by STATE of notify, or by its resources if STATE cannot be read. */
function durableParts(notify: FoundFunction | undefined, listed: StackResource[]) {
  if (notify?.variables) {
    const state = parseStateSetting(notify.variables.STATE?.trim() ?? '')
    const table = state?.kind === 'dynamodb' ? state.table : undefined
    return { hasSweep: table !== undefined, table }
  }
  const [table] = idsOf(listed, 'AWS::DynamoDB::Table')
  return { hasSweep: functionIn(listed, sweepId) !== undefined, table }
}

interface Place {
  stack: string
  resources: StackResource[]
}

async function* askNotify(
  deployment: Deployment,
  { stack, resources }: Place,
): AsyncGenerator<AwsFinding, FoundFunction | undefined> {
  const name = functionIn(resources, notifyId)
  if (name === undefined) {
    const says = `has no function ${notifyId}, so it is no deployment of kube-eventer-telegram`
    yield problem({ about: 'stack', name: stack }, says, 'check --stage, or name the stack with --stack')
    return undefined
  }
  return yield* askFunction(deployment, name)
}

async function* askSweep(
  deployment: Deployment,
  { stack, resources }: Place,
): AsyncGenerator<AwsFinding, FoundFunction | undefined> {
  const name = functionIn(resources, sweepId)
  if (name !== undefined) return yield* askFunction(deployment, name)
  const says = `has no function ${sweepId}, so pending messages wait until the next record arrives`
  yield problem({ about: 'stack', name: stack }, says, 'deploy again')
  return undefined
}

// The logical ids are the same in serverless.yml and in the released template.
const notifyId = 'NotifyLambdaFunction'
const sweepId = 'SweepLambdaFunction'

/** If the resources cannot be listed, the functions have the names that serverless.yml gives them. */
function assumedFunctions(stack: string): StackResource[] {
  const type = 'AWS::Lambda::Function'
  return [
    { logicalId: notifyId, id: `${stack}-notify`, type },
    { logicalId: sweepId, id: `${stack}-sweep`, type },
  ]
}

function functionIn(resources: StackResource[], logicalId: string): string | undefined {
  return resources.find((one) => one.type === 'AWS::Lambda::Function' && one.logicalId === logicalId)?.id
}

function idsOf(resources: StackResource[], type: string): string[] {
  return resources.flatMap((one) => (one.type === type && one.id !== undefined ? [one.id] : []))
}
