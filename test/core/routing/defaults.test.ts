import { setFlagsFromString } from 'node:v8'
import { expect, it } from 'vitest'
import { openCompiler } from '../../../lib/app/config/regex.ts'
import { toEvent } from '../../../lib/core/event/event.ts'
import { defaultRuleset } from '../../../lib/core/routing/compile-ruleset.ts'
import { createRouter } from '../../../lib/core/routing/router.ts'
import { event } from '../../support/records.ts'
import { examples } from '../event/cause.examples.ts'

// To show a cause of this list, add it to the rule "worth knowing" in lib/core/routing/defaults.yml.
const dropped = new Map([
  ['FailedScheduling', 'the pod is being deleted or already has a node'],
  ['NotTriggerScaleUp', 'FailedScheduling of the same pod is shown'],
  ['WaitForFirstConsumer', 'normal until a pod uses the claim'],
  ['FailedToRetrieveImagePullSecret', 'Kubernetes reports it as a warning'],
  ['InvalidDiskCapacity', 'Kubernetes reports it as a warning'],
  ['DNSConfigForming', 'Kubernetes reports it as a warning'],
  ['CgroupV1', 'Kubernetes reports it as a warning'],
  ['JobAlreadyActive', 'Kubernetes reports it as a warning'],
  ['OwnerRefInvalidNamespace', 'Kubernetes reports it as a warning'],
  ['FastControllerResync', 'Kubernetes reports it as a warning'],
  ['SuppressedSummary', 'no rule decides about own events'],
  ['EventsReceivedAgain', 'no rule decides about own events'],
  ['RulesInUse', 'no rule decides about own events'],
])

const target = { name: '-1000', chat: '-1000', threadId: undefined }
const route = createRouter(defaultRuleset({ target, timeZone: 'UTC', compile: openCompiler(setFlagsFromString) }))

function rulingOf(fields: { type: string; reason: string; message: string }) {
  const found = toEvent(event(0, fields))
  return found && route(found, 'prod', 0).ruling
}

it('the defaults drop no cause of severity info of type Normal, except those that are known', () => {
  const found = examples.flatMap(([reason, message, , severity]) =>
    severity === 'info' && rulingOf({ type: 'Normal', reason, message })?.action === 'drop' ? [reason] : [],
  )
  expect(new Set(found)).toEqual(new Set(dropped.keys()))
})

it('the defaults show an etcd member that joins only if that lasts', () => {
  const message = 'unstarted members: NAME-PENDING-10.0.0.7'
  expect(rulingOf({ type: 'Warning', reason: 'UnstartedEtcdMember', message })).toMatchObject({
    action: 'show',
    severity: 'warning',
    threshold: { atLeast: 3 },
  })
})
