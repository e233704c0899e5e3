/** One request. The journal has them in order of arrival. Times are in milliseconds. */
export interface JournalEntry {
  at: number
  method: string
  chatId?: number
  payload: Readonly<Record<string, unknown>>
  /** `pending` until the answer; `reset` if the connection was closed without one. */
  status: number | 'reset' | 'pending'
  description?: string
  /** A message was sent, edited or deleted, whatever the answer was. */
  accepted: boolean
  /** When it was accepted; the rate limit counts from then. */
  acceptedAt?: number
  /** When its turn came in the chat's queue. */
  startedAt: number
  /** Infinity until it is answered. */
  endedAt: number
}

/** The largest number of sends and edits that a chat accepted in any window of this length. */
export function mostAcceptedIn(
  journal: readonly Pick<JournalEntry, 'method' | 'chatId' | 'acceptedAt'>[],
  chatId: number,
  milliseconds: number,
): number {
  const times = journal
    .flatMap((entry) => (entry.chatId === chatId && isCounted(entry.method) ? (entry.acceptedAt ?? []) : []))
    .sort((a, b) => a - b)
  let most = 0
  let first = 0
  for (const [index, time] of times.entries()) {
    // A request is out of the window after exactly this time.
    while ((times[first] ?? time) <= time - milliseconds) first += 1
    most = Math.max(most, index - first + 1)
  }
  return most
}

/** Sends and edits share the chat's limit; deletions do not count (levlam, tdlib/td#2592). */
function isCounted(method: string): boolean {
  return /^(send|edit)/i.test(method)
}
