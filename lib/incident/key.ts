import type { KubeEvent } from '../event/event.ts'

/**
 * What names a record's content: cluster, uid and resourceVersion; without these the hash of its value. Never the offset: topics are
 * re-created, and two kube-eventers write the same record twice.
 */
export function recordKey(
  cluster: string,
  { uid, resourceVersion }: KubeEvent,
  value: unknown,
  hash: (text: string) => string,
): string {
  const content = uid !== '' && resourceVersion !== '' ? `${uid} ${resourceVersion}` : hash(String(value))
  return `${cluster} ${content}`
}
