import { namespaceOf } from '../event/workload.ts'
import { createMemo, type Memo } from '../memo.ts'
import type { Facts } from '../routing/subject.ts'
import type { Target } from '../routing/target.ts'
import { type Identity, incidentKey, workloadGroup } from './key.ts'
import { cutTo } from './latest.ts'

type Named = Omit<Facts, 'cause'>

// In bytes of JSON, as in latest.ts.
const maxPartBytes = 260

/** The identity of the incident that events of this cause about this workload form in this target. */
export function identityOf({ event, cluster, workload }: Named, cause: string, target: Target): Identity {
  return {
    cluster,
    target: target.name,
    namespace: cutTo(namespaceOf(event), maxPartBytes),
    workload: workloadGroup(workload),
    cause: cutTo(cause, maxPartBytes),
  }
}

// A forged record may have a namespace of a megabyte.
const longest = 1_000
const mostWorkloads = 1_000
// Without a row in the table of causes, an event's reason is its cause, so a workload may have any number of them.
const mostCauses = 50

type KeysByCause = Memo<string, string>
type KeysByTarget = Memo<string, KeysByCause>

const workloads = createMemo<string, KeysByTarget>(mostWorkloads)

/**
 * The keys of incidents of an event's workload, by cause and target. Makes each key once: an event may end the incidents of ten causes, and
 * most events are about the same few workloads.
 */
export function keysOf(facts: Named): (cause: string, target: Target) => string {
  const { cluster, event, workload } = facts
  const namespace = namespaceOf(event)
  // Lengths keep the names of two events apart.
  const names = `${namespace.length} ${workload.kind.length} ${cluster}\n${namespace}${workload.kind}${workload.name}`
  const targets: KeysByTarget = names.length > longest ? createMemo() : workloads(names, () => createMemo())
  return (cause, target) => {
    const causes = targets(target.name, () => createMemo(mostCauses))
    return causes(cause, () => incidentKey(identityOf(facts, cause, target)))
  }
}
