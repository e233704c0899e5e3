import type { Faults } from './faults.ts'
import type { ApiCall } from './http.ts'
import { type ApiAnswer, badGateway, refuse, tooManyRequests } from './http.ts'
import type { JournalEntry } from './journal.ts'
import { type Done, findMethod, type Method, type Server } from './methods.ts'
import type { Wait } from './virtual-clock.ts'

interface Exchange {
  server: Server
  faults: Faults
  token: string
  call: ApiCall
  entry: JournalEntry
  /** Resolves when the client has disconnected. */
  isGone: Promise<void>
  wait: Wait
}

/** Answers a request, or applies the first fault that matches it. */
export async function handle({ server, faults, token, call, entry, isGone, wait }: Exchange): Promise<ApiAnswer> {
  if (call.token === undefined) return refuse(404, 'Not Found')
  if (!/^\d+:[\w-]+$/.test(call.token)) return refuse(401, 'Unauthorized: invalid token specified')
  if (call.token !== token) return refuse(401, 'Unauthorized')
  const method = findMethod(call.method)
  if (!method) return refuse(404, 'Not Found: method not found')
  const queue = entry.chatId === undefined ? undefined : server.queues(entry.chatId)
  const left = queue?.rateLimit.coolDownLeft() ?? 0
  if (left > 0) return tooManyRequests(left)
  const perform = () => inTurn({ server, call, entry, wait }, method)
  const text = String(call.parameters.text ?? '')
  const fault = faults.take({ method: call.method, chatId: entry.chatId, text })
  switch (fault?.kind) {
    case undefined:
      return (await perform()).answer
    case 'answer':
      return { kind: 'json', status: fault.status, body: fault.body }
    case 'too many requests':
      queue?.rateLimit.coolDown(fault.retryAfter)
      return tooManyRequests(fault.retryAfter)
    case 'internal error':
      return refuse(500, 'Internal Server Error: restart')
    case 'unauthorized':
      return refuse(401, 'Unauthorized')
    case 'forbidden':
      return refuse(403, fault.description ?? 'Forbidden: bot was kicked from the supergroup chat')
    case 'bad gateway':
      if (fault.isAccepted) await perform()
      return badGateway
    case 'reset':
      if (fault.isAccepted) await perform()
      return { kind: 'reset' }
    case 'slow': {
      const early = fault.isAccepted ? await perform() : undefined
      if (fault.milliseconds !== Infinity) await wait(server.clock.sleep(fault.milliseconds, server.signal))
      else {
        await wait(isGone)
        return { kind: 'reset' }
      }
      return (early ?? (await perform())).answer
    }
  }
}

/** Requests to one chat run one after another. Requests without a chat run at once. */
async function inTurn(
  { server, call, entry, wait }: Pick<Exchange, 'server' | 'call' | 'entry' | 'wait'>,
  method: Method,
): Promise<Done> {
  const { clock } = server
  // A request that is delayed by the rate limit waits as well.
  const waitingClock = { ...clock, sleep: (...given: Parameters<typeof clock.sleep>) => wait(clock.sleep(...given)) }
  const job = async () => {
    entry.startedAt = clock.now()
    const done = await method({ ...server, clock: waitingClock }, call.parameters)
    entry.accepted = done.isAccepted
    if (done.isAccepted) entry.acceptedAt = clock.now()
    return done
  }
  return entry.chatId === undefined ? job() : server.queues(entry.chatId).run(job, wait)
}
