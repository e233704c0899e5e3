import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { type Clock, systemClock } from '../clock.ts'
import { type Answer, badGateway, descriptionOf, refuse, tooManyRequests } from './answer.ts'
import { type Chat, type ChatSetup, chatIdOf, defaultChat, type Message, setUpChats } from './chats.ts'
import { type Call, readCall, writeAnswer } from './exchange.ts'
import { type Fault, type Faults, scriptFaults } from './faults.ts'
import { openLanes } from './lanes.ts'
import { type Done, findMethod, type Method, type Server } from './methods.ts'

export interface StandinOptions {
  token?: string
  clock?: Clock
  chats?: ChatSetup[]
  /** Whether Telegram's rate limits hold. */
  isPaced?: boolean
  port?: number
}

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
  /** When its turn came in its chat's chain. */
  startedAt: number
  /** Infinity until it is answered. */
  endedAt: number
}

export interface Standin {
  apiRoot: string
  token: string
  chats: Map<number, Chat>
  journal: JournalEntry[]
  /** What a reader sees, in order; without an id that of all chats, by time. */
  messages(chatId?: number): Message[]
  inject(fault: Fault): void
  inFlight(): number
  /** The greatest number of requests to a chat at one time so far. */
  mostInFlight(chatId: number): number
  close(): Promise<void>
}

/** A Bot API on a port of this machine, for the demo and for tests. */
export async function startStandin({
  token = '123456789:stand-in-token-for-demo-and-tests',
  clock = systemClock,
  chats: setups = [defaultChat],
  isPaced = true,
  port = 0,
}: StandinOptions = {}): Promise<Standin> {
  const chats = setUpChats(setups)
  const lanes = openLanes((chatId) => chats.get(chatId)?.setup.type === 'private', clock)
  const closing = new AbortController()
  const faults = scriptFaults()
  const journal: JournalEntry[] = []
  const botId = Number.parseInt(token, 10)
  const server: Server = { chats, lanes, clock, isPaced, botId, signal: closing.signal }

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const at = clock.now()
    const call = await readCall(request)
    const chatId = chatIdOf(chats, call.parameters.chat_id)
    const times = { at, startedAt: at, endedAt: Infinity }
    const { method, parameters: payload } = call
    const known = chatId === undefined ? {} : { chatId }
    const entry: JournalEntry = { ...times, method, ...known, payload, status: 'pending', accepted: false }
    journal.push(entry)
    const lane = chatId === undefined ? undefined : lanes(chatId)
    if (lane) lane.mostInFlight = Math.max(lane.mostInFlight, ++lane.inFlight)
    // The event loop takes up one new connection a turn: some turns, so that requests sent at one time are seen to be.
    for (let turn = 0; turn < 10; turn++) await setImmediate()
    const answer = await handle({ server, faults, token, call, entry, isGone: closed(response) })
    if (lane) lane.inFlight--
    entry.status = answer.kind === 'reset' ? 'reset' : answer.status
    const description = descriptionOf(answer)
    if (description !== undefined) entry.description = description
    entry.endedAt = clock.now()
    writeAnswer(request, response, answer)
  }
  // A client that leaves in the middle of its request has no journal entry.
  const http = createServer((request, response) => void serve(request, response).catch(() => response.destroy()))
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject)
    http.listen(port, '127.0.0.1', resolve)
  })

  return {
    apiRoot: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    token,
    chats,
    journal,
    messages(chatId) {
      const some = chatId === undefined ? [...chats.values()] : [chats.get(chatId)]
      return some.flatMap((chat) => chat?.messages ?? []).toSorted((a, b) => a.date - b.date)
    },
    inject: faults.inject,
    inFlight: () => journal.filter(({ status }) => status === 'pending').length,
    mostInFlight: (chatId) => lanes(chatId).mostInFlight,
    async close() {
      closing.abort()
      http.closeAllConnections()
      await new Promise<void>((resolve) => http.close(() => resolve()))
    },
  }
}

interface Exchange {
  server: Server
  faults: Faults
  token: string
  call: Call
  entry: JournalEntry
  /** Settles when the client has gone. */
  isGone: Promise<void>
}

async function handle({ server, faults, token, call, entry, isGone }: Exchange): Promise<Answer> {
  if (call.token === undefined) return refuse(404, 'Not Found')
  if (!/^\d+:[\w-]+$/.test(call.token)) return refuse(401, 'Unauthorized: invalid token specified')
  if (call.token !== token) return refuse(401, 'Unauthorized')
  const method = findMethod(call.method)
  if (!method) return refuse(404, 'Not Found: method not found')
  const lane = entry.chatId === undefined ? undefined : server.lanes(entry.chatId)
  const left = lane?.pace.coolDownLeft() ?? 0
  if (left > 0) return tooManyRequests(left)
  const perform = () => inTurn(server, method, call, entry)
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
      if (fault.milliseconds === Infinity) return hang(server.clock, isGone)
      await server.clock.sleep(fault.milliseconds, server.signal)
      return (early ?? (await perform())).answer
    }
  }
}

/** The clock is told, so that a virtual one knows the server to be waiting. */
async function hang(clock: Clock, isGone: Promise<void>): Promise<Answer> {
  const gone = new AbortController()
  void clock.sleep(Infinity, gone.signal)
  await isGone
  gone.abort()
  return { kind: 'reset' }
}

/** Requests to one chat are carried out one after another; those to none, at once. */
async function inTurn(server: Server, method: Method, { parameters }: Call, entry: JournalEntry): Promise<Done> {
  const job = async () => {
    entry.startedAt = server.clock.now()
    const done = await method(server, parameters)
    entry.accepted = done.isAccepted
    return done
  }
  return entry.chatId === undefined ? job() : server.lanes(entry.chatId).run(job)
}

function closed(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => response.once('close', resolve))
}
