const letters = 'abcdefghijklmnopqrstuvwxyz'

/** A name that ends in letters, because a number would mean a pod of a StatefulSet. */
export function nameOf(number: number): string {
  return `pod-${[676, 26, 1].map((digit) => letters[Math.floor(number / digit) % 26]).join('')}`
}

/** The fields of an event about a bare pod, which is an incident of its own. */
export function pod(name: string, fields: Record<string, unknown> = {}) {
  return {
    metadata: { name: `${name}.0`, namespace: 'shop', uid: name, resourceVersion: '7' },
    involvedObject: { kind: 'Pod', namespace: 'shop', name },
    ...fields,
  }
}

/** The same event again, with this count. */
export function again(name: string, count: number) {
  return pod(name, { metadata: { ...pod(name).metadata, resourceVersion: String(count + 7) }, count })
}

/** A critical event, which is an incident of its own. */
export function nodeDown(name: string, count = 1) {
  return {
    metadata: { name: `${name}.0`, uid: name, resourceVersion: String(count) },
    involvedObject: { kind: 'Node', name, namespace: '' },
    reason: 'NodeNotReady',
    message: `Node ${name} status is now: NodeNotReady`,
    count,
  }
}
