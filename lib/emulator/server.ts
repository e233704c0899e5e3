import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { systemClock } from '../adapters/clock.ts'
import { openChatQueues } from './chat-queue.ts'
import { type Chat, type ChatMessage, type ChatSetup, chatIdOf, defaultChat, setUpChats } from './chats.ts'
import { type Fault, scriptFaults } from './faults.ts'
import { handle } from './handle.ts'
import { descriptionOf, readCall, writeAnswer } from './http.ts'
import type { JournalEntry } from './journal.ts'
import type { Server } from './methods.ts'
import { renderPage } from './view/page.ts'
import { type ServerClock, waitingOn } from './virtual-clock.ts'

export interface EmulatorOptions {
  token?: string
  clock?: ServerClock
  chats?: ChatSetup[]
  /** Whether Telegram's rate limits apply. */
  isPaced?: boolean
  port?: number
}

export interface Emulator {
  apiRoot: string
  token: string
  chats: Map<number, Chat>
  journal: JournalEntry[]
  /** The messages in the chat, in order; without an id, those of all chats by time. */
  messages(chatId?: number): ChatMessage[]
  inject(fault: Fault): void
  /** Removes all injected faults. */
  heal(): void
  inFlight(): number
  /** The largest number of simultaneous requests to a chat so far. */
  mostInFlight(chatId: number): number
  close(): Promise<void>
}

/** A Bot API on a port of this machine, with a page at `/` that shows the chats live. For the demo and for tests. */
export async function startEmulator({
  token = '123456789:emulator-token-for-demo-and-tests',
  clock = systemClock,
  chats: setups = [defaultChat],
  isPaced = true,
  port = 0,
}: EmulatorOptions = {}): Promise<Emulator> {
  const chats = setUpChats(setups)
  const queues = openChatQueues((chatId) => chats.get(chatId)?.setup.type === 'private', clock)
  const closing = new AbortController()
  const faults = scriptFaults()
  const journal: JournalEntry[] = []
  const botId = Number.parseInt(token, 10)
  const server: Server = { chats, queues, clock, isPaced, botId, signal: closing.signal }

  const startedAt = clock.now()
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    if (request.method === 'GET' && request.url === '/') return servePage(request, response, chats, startedAt)
    const at = clock.now()
    const call = await readCall(request)
    const chatId = chatIdOf(chats, call.parameters.chat_id)
    const times = { at, startedAt: at, endedAt: Infinity }
    const { method, parameters: payload } = call
    const known = chatId === undefined ? {} : { chatId }
    const entry: JournalEntry = { ...times, method, ...known, payload, status: 'pending', accepted: false }
    journal.push(entry)
    const isGone = new Promise<void>((resolve) => response.once('close', resolve))
    const queue = chatId === undefined ? undefined : queues(chatId)
    if (queue) queue.mostInFlight = Math.max(queue.mostInFlight, ++queue.inFlight)
    // The event loop accepts one connection per turn. Wait some turns, so that simultaneous requests are counted as such.
    for (let turn = 0; turn < 10; turn++) await setImmediate()
    const answer = await handle({ server, faults, token, call, entry, isGone, wait: waitingOn(clock, isGone) })
    if (queue) queue.inFlight--
    entry.status = answer.kind === 'reset' ? 'reset' : answer.status
    const description = descriptionOf(answer)
    if (description !== undefined) entry.description = description
    entry.endedAt = clock.now()
    writeAnswer(request, response, answer)
  }
  // A client that disconnects during its request leaves no journal entry.
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
    mostInFlight: (chatId) => queues(chatId).mostInFlight,
    async close() {
      closing.abort()
      http.closeAllConnections()
      await new Promise<void>((resolve) => http.close(() => resolve()))
    },
  }
}

/** The page asks again each second; unless a chat has changed, the answer is empty. */
function servePage(
  request: IncomingMessage,
  response: ServerResponse,
  chats: ReadonlyMap<number, Chat>,
  startedAt: number,
): void {
  const counts = [...chats.values()].map(({ nextMessageId, messages }) => [
    nextMessageId,
    messages.length,
    messages.reduce((sum, { revisions }) => sum + revisions.length, 0),
  ])
  const etag = `"${[startedAt, ...counts].join('-')}"`
  const isUnchanged = request.headers['if-none-match'] === etag
  response.writeHead(isUnchanged ? 304 : 200, { 'content-type': 'text/html; charset=utf-8', etag })
  response.end(isUnchanged ? undefined : renderPage({ chats: [...chats.values()], isLive: true }))
}
