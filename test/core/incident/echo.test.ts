import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { isLater, type Latest } from '../../../lib/core/incident/latest.ts'
import { bodyOf } from '../../support/incidents.ts'

const pulled = { reason: 'Failed', message: 'Failed to pull image "a:1": 401 Unauthorized' }
const probed = { reason: 'Unhealthy', message: 'Liveness probe failed: HTTP probe failed with statuscode: 500' }
const mounted = { reason: 'FailedMount', message: 'MountVolume.SetUp failed for volume "nfs" : exit status 32' }
const sandboxed = { reason: 'FailedCreatePodSandBox', message: 'plugin type="calico" failed: Unauthorized' }
const unscheduled = { reason: 'FailedScheduling', message: '0/3 nodes are available: 3 Insufficient cpu.' }

const pairs: [why: typeof pulled, echo: typeof pulled][] = [
  [pulled, { reason: 'Failed', message: 'Error: ErrImagePull' }],
  [pulled, { reason: 'BackOff', message: 'Back-off pulling image "a:1"' }],
  [probed, { reason: 'Killing', message: 'Container web failed liveness probe, will be restarted' }],
  [
    mounted,
    { reason: 'FailedMount', message: 'Unable to attach or mount volumes: unmounted volumes=[nfs]: timed out' },
  ],
  [sandboxed, { reason: 'SandboxChanged', message: 'Pod sandbox changed, it will be killed and re-created.' }],
  [unscheduled, { reason: 'NotTriggerScaleUp', message: "pod didn't trigger scale-up: 1 max node group size reached" }],
]

describe('an event that names the reason is shown, not the events that follow from it', () => {
  test.each(pairs)('$message', (why, echo) => {
    const [first, later] = [
      { ...why, lastTimestamp: '2026-11-23T23:26:00Z' },
      { ...echo, lastTimestamp: '2026-11-23T23:27:00Z' },
    ]
    const combined = { ...later, message: `(combined from similar events): ${echo.message}` }
    for (const events of [
      [first, later],
      [later, first],
      [first, combined],
      [combined, first],
    ])
      expect(bodyOf(events).merged.latest.message).toBe(why.message)
    expect(bodyOf([later]).merged.latest.message).toBe(echo.message)
  })
})

it('the order of events is total', () => {
  const texts = pairs
    .flat()
    .flatMap((text) => [text, { ...text, message: `(combined from similar events): ${text.message}` }])
  const latest = bodyOf([{}]).merged.latest
  const any: fc.Arbitrary<Latest> = fc
    .record({ text: fc.constantFrom(...texts), at: fc.nat(2), name: fc.constantFrom('a', 'b') })
    .map(({ text, at, name }) => ({ ...latest, ...text, at, name }))
  fc.assert(
    fc.property(any, any, any, (a, b, c) => {
      expect(isLater(a, b) && isLater(b, a)).toBe(false)
      if (!isLater(a, b) && !isLater(b, a)) expect(a).toEqual(b)
      if (isLater(a, b) && isLater(b, c)) expect(isLater(a, c)).toBe(true)
    }),
    { numRuns: 5_000 },
  )
})
