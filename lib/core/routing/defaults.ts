import type { Rule } from './schema.ts'

// Made of defaults.yml by `npm run generate`: the bundle needs no YAML for it.
export const defaultRules: readonly Rule[] = [
  {
    action: 'show',
    name: 'probes',
    match: { cause: ['probe-readiness', 'probe-liveness', 'probe-startup', 'unhealthy', 'probe-warning'] },
    atLeast: 3,
    within: '10m',
    per: 'event',
  },
  {
    action: 'show',
    name: 'conflicts',
    match: { message: 'the object has been modified|StorageError: invalid object, Code: 4' },
    atLeast: 5,
    within: '10m',
  },
  { action: 'show', name: 'endpoints', match: { cause: 'endpoints' }, atLeast: 3, within: '10m' },
  {
    action: 'show',
    name: 'slow starts',
    match: { cause: ['volume-mount', 'volume-attach', 'sandbox', 'network-not-ready', 'container-config'] },
    atLeast: 3,
    within: '10m',
    per: 'event',
  },
  {
    action: 'show',
    name: 'shutdowns',
    match: { cause: ['container-gone', 'container-kill'] },
    atLeast: 3,
    within: '10m',
  },
  {
    action: 'drop',
    name: 'scheduled already',
    match: { cause: 'scheduling', severity: 'info', reason: 'FailedScheduling' },
  },
  { action: 'show', name: 'metrics', match: { cause: 'autoscaler-metrics' }, atLeast: 3, within: '10m', per: 'event' },
  {
    action: 'drop',
    name: 'node conditions',
    match: { severity: 'good', reason: ['NodeHas*', 'TaintManagerEviction'] },
  },
  {
    action: 'drop',
    name: 'rollouts',
    match: {
      type: 'Normal',
      severity: 'info',
      reason: [
        'ScalingReplicaSet',
        'SuccessfulCreate',
        'SuccessfulDelete',
        'Scheduled',
        'Pulling',
        'Pulled',
        'Created',
        'Started',
        'Killing',
      ],
    },
  },
  { action: 'show', name: 'trouble', match: { severity: ['critical', 'warning'] } },
  { action: 'show', name: 'good news', match: { severity: 'good' } },
  {
    action: 'show',
    name: 'worth knowing',
    match: {
      severity: 'info',
      cause: [
        'pvc-pending',
        'node-shutdown',
        'node-cordoned',
        'node-removed',
        'kubelet-restart',
        'TriggeredScaleUp',
        'ScaledUpGroup',
      ],
    },
    except: { reason: ['ExternalProvisioning', 'WaitForFirstConsumer', 'WaitForPodScheduled'] },
  },
  { action: 'show', name: 'scale-ups', match: { reason: 'SuccessfulRescale', message: 'above target' } },
  { action: 'show', name: 'notices', match: { severity: 'info', type: 'Warning' }, atLeast: 3, within: '1h' },
  { action: 'drop', name: 'normal', match: { type: 'Normal' } },
  { action: 'show', name: 'other' },
]
