/** One request, in the order of arrival. Times by the clock, in milliseconds. */
export interface JournalEntry {
  at: number
  method: string
  chatId?: number
  payload: Readonly<Record<string, unknown>>
  /** `pending` until it is answered; `reset` when the connection ended without an answer. */
  status: number | 'reset' | 'pending'
  description?: string
  /** A message was stored, changed or deleted, whatever was answered. */
  accepted: boolean
  /** When that was: the moment from which Telegram counts. */
  acceptedAt?: number
  /** When its turn came in its chat's chain. */
  startedAt: number
  /** Infinity until it is answered. */
  endedAt: number
}

/** The greatest number of sends and edits that a chat took in any window of this length, by Telegram's own clock. */
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
    // What was accepted just as long ago has left the window.
    while ((times[first] ?? time) <= time - milliseconds) first += 1
    most = Math.max(most, index - first + 1)
  }
  return most
}

/** Deletions are free; sends and edits share a chat's limit (levlam, tdlib/td#2592). */
function isCounted(method: string): boolean {
  return /^(send|edit)/i.test(method)
}
