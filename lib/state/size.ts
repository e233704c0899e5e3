import type { Body } from '../incident/incident.ts'
import type { Merged } from '../incident/merged.ts'

// 16 KB less what sending writes: what is shown, and up to three last texts (lib/format/render.ts).
const mostBytes = 13_000

/** What merging writes, as JSON: the merged state apart, since it is forgotten first. */
export interface BodyText {
  body: string
  merged: string
}

/**
 * A body as it is stored. Only forged events can make one that does not fit: it loses its oldest sightings, then the event message, since a
 * record must never be the reason why an invocation fails.
 */
export function bodyText({ merged, identity, generation, after, ended, isBelow, held, ...rest }: Body): BodyText {
  // Nothing else: the type breaks where a field is added and not stored.
  const none: Record<string, never> = rest
  const body = JSON.stringify({ identity, generation, after, ended, isBelow, held, ...none })
  const withoutRecent: Merged = { ...merged, recent: [], undated: [] }
  const withoutMessage: Merged = { ...withoutRecent, latest: { ...merged.latest, message: '', tail: '' } }
  const texts = [merged, withoutRecent, withoutMessage].map((kept) => ({ body, merged: JSON.stringify(kept) }))
  return texts.find((text) => bytesOf(text) <= mostBytes) ?? (texts.at(-1) as BodyText)
}

function bytesOf({ body, merged }: BodyText): number {
  return Buffer.byteLength(body) + Buffer.byteLength(merged)
}
