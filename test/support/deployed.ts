import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import type { MappingOptions, Reading } from './mapping.ts'

interface Delivery {
  failureMode: 'partial' | 'throw'
  mapping: {
    ProvisionedPollerConfig?: { MaximumPollers: number }
    FunctionResponseTypes?: string[]
    BisectBatchOnFunctionError?: boolean
    MaximumRetryAttempts?: number
    MaximumRecordAgeInSeconds?: number
  }
}

export interface DeployedMapping {
  name: string
  /** FAILURE_MODE of the function. */
  failureMode: Delivery['failureMode']
  mapping: Pick<MappingOptions, 'reading' | 'isBisecting'>
  /** Invocations that the mapping may make at once. */
  mostConsumers: number
}

const read = (file: string) =>
  parse(readFileSync(new URL(`../../infra/${file}`, import.meta.url), 'utf8'), { logLevel: 'error' })

// "Each event poller can handle up to … 5 concurrent invocations" (Lambda Developer Guide, Kafka event poller scaling).
const invocationsOfPoller = 5

/** Every delivery as it is deployed, once for each way in which AWS may use its answers. */
export const deployedMappings: DeployedMapping[] = Object.entries(
  read('delivery.yml') as Record<string, Delivery>,
).flatMap(([name, { failureMode, mapping }]) => {
  const { ProvisionedPollerConfig: pollers, FunctionResponseTypes: responses, ...limits } = mapping
  if ((limits.MaximumRetryAttempts ?? -1) !== -1 || (limits.MaximumRecordAgeInSeconds ?? -1) !== -1)
    throw new Error(`${name} discards records, which the emulated mapping does not`)
  const mostConsumers = pollers ? pollers.MaximumPollers * invocationsOfPoller : Number.POSITIVE_INFINITY
  return readingsOf(pollers !== undefined && responses?.includes('ReportBatchItemFailures') === true).map(
    (reading) => ({
      name: `${name}, ${reading}`,
      failureMode,
      mapping: { reading, isBisecting: limits.BisectBatchOnFunctionError ?? false },
      mostConsumers,
    }),
  )
})

function readingsOf(usesAnswers: boolean): Reading[] {
  return usesAnswers ? ['resumes at the first named', 'retries the named only'] : ['ignores answers']
}

/** How many invocations of notify may run at once with this state. */
export function deployedConcurrency(state: 'memory' | 'dynamodb'): number {
  return read('state.yml')[state].reservedConcurrency ?? Number.POSITIVE_INFINITY
}
