import { readFileSync } from 'node:fs'
import { readSettings } from '../../infra/aws/settings/read.ts'
import type { Settings } from '../../infra/aws/settings/settings.ts'
import { deliveries } from '../../infra/aws/template/delivery.ts'
import { reservedConcurrency } from '../../infra/aws/template/state.ts'
import type { MappingOptions, Reading } from './mapping.ts'

export interface DeployedMapping {
  name: string
  /** FAILURE_MODE of the function. */
  failureMode: 'partial' | 'throw'
  mapping: Pick<MappingOptions, 'reading' | 'isBisecting'>
}

/** Every delivery as it is deployed by default, once for each way in which AWS may use its answers. */
export const deployedMappings: DeployedMapping[] = (['provisioned', 'on-demand'] as const).flatMap((delivery) => {
  const { failureMode, mapping } = deliveries[delivery]
  const properties = mapping(settingsWith(`delivery=${delivery}`))
  for (const limit of ['MaximumRetryAttempts', 'MaximumRecordAgeInSeconds'])
    if ((properties[limit] ?? -1) !== -1)
      throw new Error(`${delivery} has a ${limit}, which the emulated mapping ignores`)
  return readingsOf(properties).map((reading) => ({
    name: `${delivery}, ${reading}`,
    failureMode,
    mapping: { reading, isBisecting: properties.BisectBatchOnFunctionError === true },
  }))
})

function readingsOf({ ProvisionedPollerConfig, FunctionResponseTypes }: Record<string, unknown>): Reading[] {
  const usesAnswers =
    ProvisionedPollerConfig !== undefined && String(FunctionResponseTypes) === 'ReportBatchItemFailures'
  return usesAnswers ? ['resumes at the first named', 'retries the named only'] : ['ignores answers']
}

/** How many invocations of notify may run at once with this state. */
export function deployedConcurrency(state: Settings['state']): number {
  return reservedConcurrency(settingsWith(`state=${state}`)) ?? Number.POSITIVE_INFINITY
}

function settingsWith(parameter: string): Settings {
  const fileName = new URL('../../infra/examples/settings/msk-iam.yml', import.meta.url)
  const { settings, problems } = readSettings({
    text: readFileSync(fileName, 'utf8'),
    fileName: 'settings.yml',
    stage: 'prod',
    region: 'eu-central-1',
    parameters: [parameter],
    now: Date.parse('2026-11-28T00:00:00Z'),
  })
  if (problems.length > 0) throw new Error(problems.join('\n'))
  return settings
}
