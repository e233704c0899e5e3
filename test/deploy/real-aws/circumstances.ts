import type { Settings, Source } from '../../../infra/aws/settings/settings.ts'
import { type Circumstances, tableCalls } from './permissions.ts'
import type { Mapping } from './stack.ts'

/** What the settings of a deployment tell about its needs, beside its template. */
export function circumstancesOf(settings: Settings): Circumstances {
  const sourceOf = ({ properties: { EventSourceArn, SelfManagedEventSource }, topic }: Mapping): Source => {
    const servers = SelfManagedEventSource?.Endpoints.KafkaBootstrapServers.join()
    const found = settings.sources.find(
      ({ clusterArn, bootstrapServers, topics }) =>
        topics.includes(topic) &&
        (EventSourceArn ? clusterArn === EventSourceArn : bootstrapServers?.join() === servers),
    )
    if (!found) throw new Error(`no source has the topic ${topic}`)
    return found
  }
  const { tokenKeyArn, configKeyArn, tableKeyArn, environmentKeyArn } = settings
  return {
    loginOf: (mapping) => sourceOf(mapping).login,
    secretKeyOf: (mapping) => textOf(sourceOf(mapping).secretKeyArn),
    calls: tableCalls,
    keys: {
      token: textOf(tokenKeyArn),
      config: textOf(configKeyArn),
      table: textOf(tableKeyArn),
      environment: textOf(environmentKeyArn),
    },
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
