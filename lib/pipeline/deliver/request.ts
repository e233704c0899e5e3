import type { ChatPlace, RequestEnd } from '../../core/incident/delivery.ts'
import { plainMessage } from '../../core/message/render.ts'
import type { UndeliveredWhy } from '../../core/outcome.ts'
import {
  markAccepted,
  markBroken,
  markCoolDown,
  markThreadless,
  threadFor,
  type Urgency,
} from '../../core/rate-limit/chat.ts'
import type { Target } from '../../core/routing/target.ts'
import { type BotApiAnswer, judge, type Verdict } from '../../core/telegram-verdict.ts'
import type { Clock, Store, TelegramClient, TelegramMessage } from '../ports.ts'
import type { OutgoingMessage } from './outgoing-message.ts'
import { linkChat, type RateLimit } from './rate-limit.ts'
import { type ChatRun, fits, type Run } from './run.ts'

export interface RequestContext {
  client: TelegramClient
  rateLimit: RateLimit
  run: Run
  chatRun: ChatRun
  clock: Clock
  store: Store
  /** Waits for a slot and its start; the reason if no request may start in time. The token names the slot. */
  takeSlot: (urgency: Urgency) => Promise<{ token: string } | { why: UndeliveredWhy; detail: string }>
}

const mostMilliseconds = 15_000
const retryDelays = [1_000, 2_000, 4_000, 8_000]
// An upgraded group, a missing thread and a refused text are cured once each, so a fourth cure would be a loop.
const mostCures = 3

/**
 * Sends or edits one message: repeats a request that was certainly not accepted, and cures what can be cured. The first
 * request uses the slot `token`, each further one takes another. Never repeats a request whose result is unknown.
 */
export async function sendOrEdit(
  message: OutgoingMessage,
  token: string,
  context: RequestContext,
): Promise<RequestEnd> {
  const attempt: Attempt = { message, context, isHtml: true, retries: 0, cures: 0 }
  let slot = token
  for (;;) {
    const answer = await request(attempt, slot)
    const requestEnd = await next(answer, attempt)
    if (requestEnd) return requestEnd
    const another = await context.takeSlot(message.urgency)
    if ('why' in another) return { end: 'not shown', ...another }
    slot = another.token
  }
}

interface Attempt {
  message: OutgoingMessage
  context: RequestContext
  isHtml: boolean
  retries: number
  cures: number
}

async function request({ message: outgoing, context, isHtml }: Attempt, slot: string): Promise<BotApiAnswer> {
  const { client, rateLimit, run, clock } = context
  const { target, messageId, markup, buttons, replyTo, isSilent } = outgoing
  const message: TelegramMessage = {
    chat: outgoing.elsewhere ?? chatOf(context, target),
    threadId: threadFor(rateLimit.chat(), target.threadId, clock.now()),
    ...(isHtml ? { text: markup, buttons } : { text: plainMessage(markup, buttons), buttons: [] }),
    isHtml,
    replyTo,
    isSilent,
  }
  run.requests += 1
  if (messageId !== undefined) run.edits += 1
  const timeout = Math.min(mostMilliseconds, run.deadline - clock.now())
  const startedAt = clock.now()
  const answer = await (messageId === undefined
    ? client.send(message, timeout)
    : client.edit(messageId, message, timeout))
  // Without an answer, Telegram may count the request as long as it may be under way: its slot expires by itself.
  if (judge(answer).verdict !== 'unknown') rateLimit.answered(slot, startedAt, clock.now())
  return answer
}

/** The end that follows from an answer; undefined if another request follows. */
async function next(answer: BotApiAnswer, attempt: Attempt): Promise<RequestEnd | undefined> {
  const { message, context } = attempt
  const { rateLimit, run, chatRun, clock } = context
  const { target } = message
  const verdict = message.elsewhere === undefined ? judge(answer) : judgeElsewhere(answer)
  const detail = said(answer)
  if (verdict.verdict === 'sent' || verdict.verdict === 'not modified') await accepted(answer, attempt)
  switch (verdict.verdict) {
    case 'sent':
    case 'not modified':
      return {
        end: 'done',
        chat: chatOf(context, target),
        messageId: answer.kind === 'ok' ? answer.messageId : undefined,
        how: shownHow(attempt),
      }
    case 'wait': {
      run.rateLimited += 1
      const until = clock.now() + verdict.seconds * 1_000
      await rateLimit.change((chat) => markCoolDown(chat, verdict.seconds, clock.now()))
      return fits(until - clock.now(), run.patienceUntil, clock.now())
        ? undefined
        : { end: 'not shown', why: 'cool-down', detail: `${verdict.seconds} s` }
    }
    case 'again':
      if (await retries(attempt)) return undefined
      // A missing connection stops the chat; a 500 may be this message's own, so other messages go on.
      if (verdict.why === 'unreachable') chatRun.halted = { why: 'unreachable', detail }
      return { end: 'not shown', why: verdict.why, detail }
    case 'text refused':
      if (attempt.isHtml) return cure(attempt, answer, async () => void Object.assign(attempt, { isHtml: false }))
      return { end: 'text refused', detail }
    case 'message gone':
      return { end: 'message gone', detail }
    case 'thread gone': {
      const thread = threadFor(rateLimit.chat(), target.threadId, clock.now())
      if (thread === undefined) return broken(attempt, answer)
      run.notices.add(`${target.name}: ${detail}; its messages go to the chat without thread`)
      return cure(attempt, answer, () => rateLimit.change((chat) => markThreadless(chat, thread, clock.now())))
    }
    case 'moved':
      run.notices.add(`${target.name}: the group is now the supergroup ${verdict.chat}; set that in the configuration`)
      await rateLimit.change((chat) => ({ ...chat, movedTo: verdict.chat }))
      // A supergroup numbers its messages anew, so messages of the old group are out of reach.
      if (message.messageId !== undefined) return { end: 'message gone', detail }
      attempt.message = { ...message, replyTo: undefined }
      return cure(attempt, answer, async () => {})
    case 'target broken':
      return broken(attempt, answer)
    case 'refused':
      if (attempt.isHtml) return cure(attempt, answer, async () => void Object.assign(attempt, { isHtml: false }))
      return { end: 'not shown', why: 'refused', detail }
    case 'token refused':
      run.refusedToken = detail
      return { end: 'not shown', why: 'token refused', detail }
    case 'unknown':
      return { end: 'unknown', detail }
  }
}

const notOfTheChat = new Set<Verdict['verdict']>(['sent', 'wait', 'again', 'token refused', 'unknown'])

/** A last edit in a chat that the target has left is tried once. If that chat refuses it, the target is not concerned. */
function judgeElsewhere(answer: BotApiAnswer): Verdict {
  const judged = judge(answer)
  return notOfTheChat.has(judged.verdict) ? judged : { verdict: 'message gone' }
}

/** If the chat had failed, its recovery is saved at once, since all invocations need it; else with the next slot. */
async function accepted(answer: BotApiAnswer, { message, context }: Attempt): Promise<void> {
  // It says nothing about the target's own chat.
  if (message.elsewhere !== undefined) return
  const { rateLimit, run, clock, store } = context
  const { broken, backOff, id } = rateLimit.chat()
  const now = clock.now()
  const update = (chat: ReturnType<RateLimit['chat']>) => markAccepted(chat, now)
  if (broken || backOff) await rateLimit.change(update)
  else rateLimit.note(update)
  const { chat: name } = message.target
  if (!store.isDurable || answer.kind !== 'ok' || answer.chat === undefined) return
  if (answer.chat !== name && answer.chat !== id) run.hasLinked ||= await linkChat(name, answer.chat, rateLimit, store)
}

async function retries(attempt: Attempt): Promise<boolean> {
  const { context } = attempt
  const delay = retryDelays[attempt.retries]
  attempt.retries += 1
  if (delay === undefined || !fits(delay, context.run.deadline, context.clock.now())) return false
  await context.clock.sleep(delay)
  return true
}

async function cure(
  attempt: Attempt,
  answer: BotApiAnswer,
  apply: () => Promise<void>,
): Promise<RequestEnd | undefined> {
  if (attempt.cures === mostCures) return broken(attempt, answer)
  attempt.cures += 1
  await apply()
  return undefined
}

async function broken({ message, context }: Attempt, answer: BotApiAnswer): Promise<RequestEnd> {
  const { rateLimit, run, chatRun, clock, store } = context
  const { target } = message
  const detail = said(answer)
  const now = clock.now()
  if (store.isDurable) await rateLimit.change((chat) => markBroken(chat, detail, now))
  // With STATE=memory, redelivered records are the probes.
  else run.refusedTargets.push({ target, detail, since: now })
  chatRun.halted = { why: 'target broken', detail }
  return { end: 'not shown', why: 'target broken', detail }
}

/** The chat to send to: the configured one, or the supergroup that the group was upgraded to. */
export function chatOf({ rateLimit }: Pick<RequestContext, 'rateLimit'>, { address, chat }: Target): string {
  return address ?? rateLimit.chat().movedTo ?? chat
}

/** The target's present chat, with all ids and names under which messages may have been sent to it. */
export function placeOf(context: Pick<RequestContext, 'rateLimit'>, target: Target): ChatPlace {
  const { movedTo, id } = context.rateLimit.chat()
  const chat = chatOf(context, target)
  const names = [chat, id, movedTo, movedTo === undefined ? target.chat : undefined]
  return {
    chat,
    names: new Set(names.flatMap((name) => name ?? [])),
    upgradedFrom: movedTo === undefined ? undefined : target.chat,
  }
}

function shownHow({ isHtml, message: { target }, context: { rateLimit, clock } }: Attempt) {
  if (!isHtml) return 'shown as plain text'
  return threadFor(rateLimit.chat(), target.threadId, clock.now()) === target.threadId
    ? 'shown'
    : 'shown without thread'
}

function said(answer: BotApiAnswer): string {
  if (answer.kind === 'refused') return `${answer.code} ${answer.description}`
  return answer.kind === 'failed' ? answer.reason : ''
}
