import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { systemClock } from '../adapters/clock.ts'
import { descriptionOf } from './answer.ts'
import { type Chat, type ChatSetup, chatIdOf, defaultChat, type Message, setUpChats } from './chats.ts'
import { readCall, writeAnswer } from './exchange.ts'
import { type Fault, scriptFaults } from './faults.ts'
import { handle } from './handle.ts'
import type { JournalEntry } from './journal.ts'
import { openLanes } from './lanes.ts'
import type { Server } from './methods.ts'
import { type ServerClock, waitingOn } from './waiting.ts'

export interface EmulatorOptions {
  token?: string
  clock?: ServerClock
  chats?: ChatSetup[]
  /** Whether Telegram's rate limits hold. */
  isPaced?: boolean
  port?: number
}

export interface Emulator {
  apiRoot: string
  token: string
  chats: Map<number, Chat>
  journal: JournalEntry[]
  /** What a reader sees, in order; without an id that of all chats, by time. */
  messages(chatId?: number): Message[]
  inject(fault: Fault): void
  /** Nothing goes wrong any more. */
  heal(): void
  inFlight(): number
  /** The greatest number of requests to a chat at one time so far. */
  mostInFlight(chatId: number): number
  close(): Promise<void>
}

/** A Bot API on a port of this machine, for the demo and for tests. */
export async function startEmulator({
  token = '123456789:emulator-token-for-demo-and-tests',
  clock = systemClock,
  chats: setups = [defaultChat],
  isPaced = true,
  port = 0,
}: EmulatorOptions = {}): Promise<Emulator> {
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
    const isGone = new Promise<void>((resolve) => response.once('close', resolve))
    const lane = chatId === undefined ? undefined : lanes(chatId)
    if (lane) lane.mostInFlight = Math.max(lane.mostInFlight, ++lane.inFlight)
    // The event loop takes up one new connection a turn: some turns, so that requests sent at one time are seen to be.
    for (let turn = 0; turn < 10; turn++) await setImmediate()
    const answer = await handle({ server, faults, token, call, entry, isGone, wait: waitingOn(clock, isGone) })
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
    heal: faults.heal,
    inFlight: () => journal.filter(({ status }) => status === 'pending').length,
    mostInFlight: (chatId) => lanes(chatId).mostInFlight,
    async close() {
      closing.abort()
      http.closeAllConnections()
      await new Promise<void>((resolve) => http.close(() => resolve()))
    },
  }
}
