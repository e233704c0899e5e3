/** A scripted failure. The first fault that matches a request is used for it. */
export type Fault = {
  /** The number of requests that fail; default 1. */
  times?: number
  method?: string
  chatId?: number
  /** Part of the raw text, markup included. */
  text?: string | RegExp
  /** The number of matching requests that succeed first. */
  skip?: number
} & (
  | { kind: 'answer'; status: number; body: unknown }
  | { kind: 'too many requests'; retryAfter: number }
  | { kind: 'internal error' }
  | { kind: 'bad gateway'; isAccepted: boolean }
  | { kind: 'reset'; isAccepted: boolean }
  | { kind: 'slow'; milliseconds: number; isAccepted?: boolean }
  | { kind: 'unauthorized' }
  | { kind: 'forbidden'; description?: string }
)

export interface FaultTarget {
  method: string
  chatId: number | undefined
  text: string
}

export interface Faults {
  inject(fault: Fault): void
  /** Removes all faults that were not used yet. */
  heal(): void
  take(target: FaultTarget): Fault | undefined
}

export function scriptFaults(): Faults {
  const waiting: { fault: Fault; times: number; skip: number }[] = []
  return {
    inject(fault) {
      waiting.push({ fault, times: fault.times ?? 1, skip: fault.skip ?? 0 })
    },
    heal: () => void waiting.splice(0),
    take(target) {
      for (const entry of waiting) {
        if (entry.times <= 0 || !fits(entry.fault, target)) continue
        if (entry.skip > 0) entry.skip--
        else {
          entry.times--
          return entry.fault
        }
      }
      return undefined
    },
  }
}

function fits({ method, chatId, text }: Fault, target: FaultTarget): boolean {
  return (
    (method === undefined || method.toLowerCase() === target.method.toLowerCase()) &&
    (chatId === undefined || chatId === target.chatId) &&
    // search() instead of test(), because a global RegExp has state.
    (text === undefined || (typeof text === 'string' ? target.text.includes(text) : target.text.search(text) >= 0))
  )
}
