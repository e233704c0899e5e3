import type { Body } from '../../core/incident/incident.ts'

// 16 KB less what sending writes: what is shown, and up to three last texts (lib/core/message/render.ts).
const mostBytes = 13_000

/** What merging writes, as JSON: the merged state apart, since it is forgotten first. */
export interface BodyText {
  body: string
  merged: string
}

/**
 * A body as it is stored. Only forged events can make one that does not fit: it loses its oldest sightings, then what ended generations have
 * counted, then the event message, since a record must never be the reason why an invocation fails.
 */
export function bodyText(body: Body): BodyText {
  let text = asText(body)
  let kept = body
  for (const shed of sheds) {
    if (bytesOf(text) <= mostBytes) break
    kept = shed(kept)
    text = asText(kept)
  }
  return text
}

const sheds: ((body: Body) => Body)[] = [
  (body) => ({ ...body, merged: { ...body.merged, recent: [], undated: [] } }),
  (body) => (body.counted ? { ...body, counted: { events: [], since: body.after } } : body),
  (body) => ({ ...body, merged: { ...body.merged, latest: { ...body.merged.latest, message: '', tail: '' } } }),
]

function asText({
  merged,
  identity,
  generation,
  after,
  counted,
  ended,
  isBelow,
  suppression,
  ...rest
}: Body): BodyText {
  // Nothing else: the type breaks where a field is added and not stored.
  const none: Record<string, never> = rest
  return {
    body: JSON.stringify({ identity, generation, after, counted, ended, isBelow, suppression, ...none }),
    merged: JSON.stringify(merged),
  }
}

function bytesOf({ body, merged }: BodyText): number {
  return Buffer.byteLength(body) + Buffer.byteLength(merged)
}
