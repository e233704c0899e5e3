import assert from 'node:assert/strict'
import { systemClock } from '../../lib/adapters/clock.ts'
import { settingsOf } from '../infra/stacks.ts'
import { account, type EmulatedAws } from './emulated-aws.ts'
import { findAwsProblems } from './real-aws/problems.ts'
import { openStack, type Stack } from './real-aws/stack.ts'
import type { Report } from './report.ts'
import type { Service } from './service.ts'
import type { Template } from './template.ts'

interface Options {
  aws: EmulatedAws
  service: Service
  example: string
  report: Report
  /** Gets each template that is deployed, with its name. */
  templates: Map<string, Template>
}

export const stackName = 'kube-eventer-telegram-prod'

/** Deploys an example, again and again with other settings, and checks each time that real AWS would do it. */
export function openUpdates({ aws, service, example, templates, report: { step, check } }: Options) {
  const place = { partition: 'aws', region: 'eu-central-1', account, stack: stackName }

  const deployed = async () => openStack(await aws.template(stackName), place)
  let isDeployed = false

  return {
    async deploy(name: string, params: Record<string, unknown> = {}): Promise<Stack> {
      const before = isDeployed ? await deployed() : undefined
      await step(`${example}: ${name}`, () => service.serverless(['deploy'], example, params))
      isDeployed = true
      const after = await deployed()
      templates.set(`${example}: ${name}`, await aws.template(stackName))
      const settings = settingsOf(example, { environment: service.variables, ...params })
      await check(`AWS would do the update (${example}: ${name})`, () =>
        assert.deepEqual(findAwsProblems(settings, after, systemClock.now(), before), []),
      )
      return after
    },

    /** Checks that a deployment is refused in words, and that nothing is deployed. */
    refuse: (name: string, params: Record<string, unknown>, said: RegExp) =>
      check(`${name} is refused in words (${example})`, async () => {
        const before = await aws.template(stackName)
        await assert.rejects(service.serverless(['deploy'], example, params), (error: { stdout: string }) =>
          said.test(error.stdout),
        )
        assert.deepEqual(await aws.template(stackName), before)
      }),
  }
}
