import { withoutCombinedPrefix } from '../event/event.ts'

/** Event messages that only repeat the effect of a trouble, while another event of the same incident explains it; by reason. */
const echoes: [reason: string, message: RegExp][] = [
  // kubelet, pkg/kubelet/images: the registry's answer is in the preceding "Failed to pull image".
  ['Failed', /^Error: (?:ErrImagePull|ImagePullBackOff)$/],
  ['BackOff', /^Back-off pulling image "[^"]{1,300}"$/],
  // pkg/kubelet/kuberuntime: the probe's result is in Unhealthy.
  ['Killing', /failed (?:liveness|startup) probe/],
  ['SandboxChanged', /^/],
  // pkg/kubelet: the volume's own error is in "MountVolume.SetUp failed".
  ['FailedMount', /^Unable to (?:attach or )?mount volumes/],
  // cluster-autoscaler: the missing resources are in FailedScheduling.
  ['NotTriggerScaleUp', /^/],
  // pkg/controller/job and cronjob: the Job's own event says what failed.
  ['SawCompletedJob', /^/],
]

export function isEcho({ reason, message }: { reason: string; message: string }): boolean {
  const text = withoutCombinedPrefix(message)
  return echoes.some(([of, pattern]) => of === reason && pattern.test(text))
}
