import { type Answer, badGateway, refuse, tooManyRequests } from './answer.ts'
import type { Call } from './exchange.ts'
import type { Faults } from './faults.ts'
import type { JournalEntry } from './journal.ts'
import { type Done, findMethod, type Method, type Server } from './methods.ts'
import type { Wait } from './waiting.ts'

interface Exchange {
  server: Server
  faults: Faults
  token: string
  call: Call
  entry: JournalEntry
  /** Settles when the client has gone. */
  isGone: Promise<void>
  wait: Wait
}

/** What a request is answered, with the first fault that fits it. */
export async function handle({ server, faults, token, call, entry, isGone, wait }: Exchange): Promise<Answer> {
  if (call.token === undefined) return refuse(404, 'Not Found')
  if (!/^\d+:[\w-]+$/.test(call.token)) return refuse(401, 'Unauthorized: invalid token specified')
  if (call.token !== token) return refuse(401, 'Unauthorized')
  const method = findMethod(call.method)
  if (!method) return refuse(404, 'Not Found: method not found')
  const lane = entry.chatId === undefined ? undefined : server.lanes(entry.chatId)
  const left = lane?.pace.coolDownLeft() ?? 0
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
      lane?.pace.coolDown(fault.retryAfter)
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

/** Requests to one chat are carried out one after another; those to none, at once. */
async function inTurn(
  { server, call, entry, wait }: Pick<Exchange, 'server' | 'call' | 'entry' | 'wait'>,
  method: Method,
): Promise<Done> {
  const { clock } = server
  // While its turn is held back by Telegram's limits it waits, too.
  const held = { ...clock, sleep: (...given: Parameters<typeof clock.sleep>) => wait(clock.sleep(...given)) }
  const job = async () => {
    entry.startedAt = clock.now()
    const done = await method({ ...server, clock: held }, call.parameters)
    entry.accepted = done.isAccepted
    if (done.isAccepted) entry.acceptedAt = clock.now()
    return done
  }
  return entry.chatId === undefined ? job() : server.lanes(entry.chatId).run(job, wait)
}
