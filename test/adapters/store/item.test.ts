import { expect, it } from 'vitest'
import { toIncident } from '../../../lib/adapters/store/item.ts'
import { bodyOf, renderer } from '../../support/incidents.ts'

/** The fields of Latest that version 0.1.0 stored. */
const known = [
  ...['at', 'resourceVersion', 'name', 'namespace', 'type', 'reason', 'message', 'missing', 'action', 'kind'],
  ...['objectNamespace', 'objectName', 'container', 'related', 'component', 'instance', 'host', 'eventTime'],
]

it('an incident that an earlier version stored is read with what it lacks', () => {
  const { merged, ...body } = bodyOf([{}])
  const latest = Object.fromEntries(Object.entries(merged.latest).filter(([name]) => known.includes(name)))
  expect(Object.keys(merged.latest).length).toBeGreaterThan(Object.keys(latest).length)
  const incident = toIncident({
    key: 'a',
    version: 1,
    revision: 1,
    body: JSON.stringify(body),
    merged: JSON.stringify({ ...merged, latest: { ...latest, missing: 12 } }),
    deliveryState: '{"older":[]}',
    lease: null,
    ...{ pendingSince: null, due: null, expiresAt: null },
  })
  expect(incident.merged.latest).toMatchObject({ tail: '', ownerKind: '' })
  expect(renderer.text(incident).markup).toContain('record 0.… (+12 characters)')
})
