import type { Body } from '../incident/incident.ts'

const mostBytes = 16_384

/** What merging writes, as JSON: the merged state apart, since it is forgotten first. */
export interface BodyText {
  body: string
  merged: string
}

/** A body as it is stored. What does not fit loses the last text of the generation before; anything still larger is a bug. */
export function bodyText({ identity, generation, after, merged, ended }: Body): BodyText {
  const rest: Required<Omit<Body, 'merged' | 'ended'>> = { identity, generation, after }
  const whole = { body: JSON.stringify({ ...rest, ...(ended ? { ended } : {}) }), merged: JSON.stringify(merged) }
  if (bytesOf(whole) <= mostBytes) return whole
  const cut = { ...whole, body: JSON.stringify(rest) }
  if (bytesOf(cut) <= mostBytes) return cut
  throw new Error(`an incident's state takes ${bytesOf(cut)} bytes, more than ${mostBytes}`)
}

function bytesOf({ body, merged }: BodyText): number {
  return Buffer.byteLength(body) + Buffer.byteLength(merged)
}
