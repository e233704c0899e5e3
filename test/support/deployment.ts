import type { ConsumedRecord } from '../../lib/adapters/kafka/lambda-event.ts'
import type { AppOptions } from './app.ts'
import { startApp, type TestApp } from './app.ts'
import { type DeployedMapping, deployedConcurrency } from './deployed.ts'
import { type LambdaFunction, openFunction } from './lambda-function.ts'
import { drive, type MappingOptions } from './mapping.ts'
import type { DeployedState } from './states.ts'

/** What runs in AWS, in virtual time: the function, its event source mappings, and the sweep once a minute if the state is durable. */
export interface Deployment {
  /** One of the processes, for the chat and the clock. It runs the sweeps. */
  app: TestApp
  notify: LambdaFunction
  /** Every line of all processes, parsed. */
  log(): Record<string, unknown>[]
  /** Delivers the records of each topic by a mapping of its own, unless they are mixed. Resolves when everything is accepted and delivered. */
  deliver(records: ConsumedRecord[], options?: Partial<MappingOptions> & { mixesTopics?: boolean }): Promise<void>
}

export interface DeploymentOptions {
  state: DeployedState
  deployed: DeployedMapping
  app?: AppOptions
  /** Called when an invocation of notify, counted from 1, begins. */
  beforeInvocation?: (invocation: number, deployment: Deployment) => void
}

/** Each record is an incident of its own, so that each has to be shown. */
export async function onDeployment<Result>(
  { state, deployed, app: options = {}, beforeInvocation = () => {} }: DeploymentOptions,
  work: (deployment: Deployment) => Promise<Result>,
): Promise<Result> {
  const { environment, remove } = await state.newState()
  const own = { FAILURE_MODE: deployed.failureMode, INCIDENTS: 'off', ...environment, ...options.environment }
  const app = await startApp({ ...options, environment: own })
  const apps = [app]
  const notify = openFunction(
    async () => {
      const process = await startApp({ ...options, environment: own, beside: app })
      apps.push(process)
      return process
    },
    {
      concurrency: deployedConcurrency(state.name),
      milliseconds: 90_000,
      beforeInvocation: (invocation) => beforeInvocation(invocation, deployment),
    },
  )
  const deployment: Deployment = {
    app,
    notify,
    log: () => apps.flatMap(({ log }) => log),
    async deliver(records, { mixesTopics = false, ...mapping } = {}) {
      const topics = mixesTopics ? [records] : [...Map.groupBy(records, ({ topic }) => topic).values()]
      const common = { batchSize: 9, ...deployed.mapping, ...mapping }
      const accepted = Promise.all(topics.map((list) => drive(list, notify.notify, common)))
      if (state.name !== 'memory') await sweepUntilDelivered(app, accepted)
      await accepted
    },
  }
  try {
    return await work(deployment)
  } finally {
    for (const each of apps.reverse()) await each.close()
    await remove()
  }
}

/** Sweeps once a minute until the mappings are done and nothing is pending. A sweep may fail; the next one is its retry. */
async function sweepUntilDelivered({ sweep, clock }: TestApp, accepted: Promise<unknown>, mostMinutes = 1_000) {
  let areAccepted = false
  const end = () => {
    areAccepted = true
  }
  accepted.then(end, end)
  for (let minutes = 0; minutes < mostMinutes; minutes += 1) {
    const isLast = areAccepted
    const swept = await sweep().catch(() => undefined)
    if (isLast && swept?.pending === 0) return
    await clock.sleep(60_000)
  }
  throw new Error(`still pending after ${mostMinutes} minutes`)
}
