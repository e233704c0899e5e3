import type { Settings } from '../settings/settings.ts'
import { alarms, type WatchInput } from './alarms.ts'
import { dashboard } from './dashboard.ts'
import { deliveries } from './delivery.ts'
import { eventSources, mappingsOf } from './event-sources.ts'
import { type Fragment, merge, type Value } from './fragment.ts'
import { roles } from './permissions.ts'
import { stateTable, stateVariable } from './state.ts'

/** Everything that is deployed beside the functions, their log groups and the schedule, which serverless.yml lists. */
export function resources(settings: Settings, tableName: Value): Fragment {
  const watched = watchInput(settings)
  return merge(
    roles(settings),
    stateTable(settings, tableName),
    eventSources(settings),
    functionOutputs(settings),
    alarms(watched),
    ...(settings.dashboard ? [dashboard(watched)] : []),
  )
}

function watchInput(settings: Settings): WatchInput {
  const { maximumRetries = -1, maximumRecordAgeSeconds = -1, onFailure } = settings
  return {
    ...settings,
    mappings: mappingsOf(settings).map(({ id, source, topic }) => ({ id, source: source.name, topic })),
    givesUp: maximumRetries !== -1 || maximumRecordAgeSeconds !== -1 || onFailure !== undefined,
    hasDestination: onFailure !== undefined,
  }
}

/** The environment of both functions. The bot token is not in it, since the template is stored in S3. */
export function environmentOf(settings: Settings): Record<string, Value> {
  const { tokenParameter, tokenSecretArn, environment, delivery } = settings
  return {
    ...environment,
    ...(tokenParameter ? { TELEGRAM_BOT_TOKEN_PARAMETER: tokenParameter } : {}),
    ...(tokenSecretArn ? { TELEGRAM_BOT_TOKEN_SECRET: tokenSecretArn } : {}),
    STATE: stateVariable(settings),
    FAILURE_MODE: deliveries[delivery].failureMode,
  }
}

function functionOutputs({ state }: Settings): Fragment {
  const names = state === 'dynamodb' ? ['Notify', 'Sweep'] : ['Notify']
  const about: Record<string, string> = {
    Notify: 'The function behind the Kafka event sources',
    Sweep: 'The function that delivers what is pending',
  }
  return {
    Resources: {},
    Outputs: Object.fromEntries(
      names.map((name) => [
        `${name}Function`,
        { Description: about[name] ?? '', Value: { Ref: `${name}LambdaFunction` } },
      ]),
    ),
  }
}
