import { markAccepted, markBroken, markCoolDown, markThreadless, threadFor, type Urgency } from '../budget/chat.ts'
import type { Clock } from '../clock.ts'
import { plainMessage } from '../format/plain.ts'
import type { Fulfilled, Place } from '../incident/standing.ts'
import type { Store } from '../incident/store.ts'
import type { UnshownWhy } from '../outcome.ts'
import type { Target } from '../route/target.ts'
import { type Budget, linkChat } from './budget.ts'
import type { Message, TelegramClient } from './client.ts'
import type { Errand } from './errand.ts'
import { fits, type LaneState, type Run } from './run.ts'
import { type Answer, judge, type Verdict } from './verdict.ts'

export interface RequestContext {
  client: TelegramClient
  budget: Budget
  run: Run
  lane: LaneState
  clock: Clock
  store: Store
  isDurable: boolean
  /** Waits for a slot and its start; the reason if no request may start in time. The token names the slot. */
  takeSlot: (urgency: Urgency) => Promise<{ token: string } | { why: UnshownWhy; detail: string }>
}

const mostMilliseconds = 15_000
const retryDelays = [1_000, 2_000, 4_000, 8_000]
// Group moved, thread gone, text refused: each is cured once, so a fourth cure would go round in a circle.
const mostCures = 3

/**
 * Sends or edits one message, as often as that may be tried: repeats what certainly was not accepted, cures what can be cured. The first
 * request takes the slot `token`, each further one another. Never repeats a request whose end nobody knows.
 */
export async function fulfil(errand: Errand, token: string, context: RequestContext): Promise<Fulfilled> {
  const attempt: Attempt = { errand, context, isHtml: true, retries: 0, cures: 0 }
  let slot = token
  for (;;) {
    const answer = await request(attempt, slot)
    const fulfilled = await next(answer, attempt)
    if (fulfilled) return fulfilled
    const another = await context.takeSlot(errand.urgency)
    if ('why' in another) return { end: 'not shown', ...another }
    slot = another.token
  }
}

interface Attempt {
  errand: Errand
  context: RequestContext
  isHtml: boolean
  retries: number
  cures: number
}

async function request({ errand, context, isHtml }: Attempt, slot: string): Promise<Answer> {
  const { client, budget, run, clock } = context
  const { target, messageId, markup, buttons, replyTo, isSilent } = errand
  const message: Message = {
    chat: errand.elsewhere ?? chatOf(context, target),
    threadId: threadFor(budget.chat(), target.threadId, clock.now()),
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
  // Without an answer Telegram may count the request for as long as it may still be under way: the slot frees itself.
  if (judge(answer).verdict !== 'unknown') budget.answered(slot, startedAt, clock.now())
  return answer
}

/** What follows from an answer: the end, or undefined for another request. */
async function next(answer: Answer, attempt: Attempt): Promise<Fulfilled | undefined> {
  const { errand, context } = attempt
  const { budget, run, lane, clock } = context
  const { target } = errand
  const verdict = errand.elsewhere === undefined ? judge(answer) : judgeElsewhere(answer)
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
      await budget.change((chat) => markCoolDown(chat, verdict.seconds, clock.now()))
      return fits(until - clock.now(), run.patienceUntil, clock.now())
        ? undefined
        : { end: 'not shown', why: 'cool-down', detail: `${verdict.seconds} s` }
    }
    case 'again':
      if (await retries(attempt)) return undefined
      // No connection is the chat's trouble; a 500 may be this message's, and others go on.
      if (verdict.why === 'unreachable') lane.halted = { why: 'unreachable', detail }
      return { end: 'not shown', why: verdict.why, detail }
    case 'text refused':
      if (attempt.isHtml) return cure(attempt, answer, async () => void Object.assign(attempt, { isHtml: false }))
      return { end: 'text refused', detail }
    case 'message gone':
      return { end: 'message gone', detail }
    case 'thread gone': {
      const thread = threadFor(budget.chat(), target.threadId, clock.now())
      if (thread === undefined) return broken(attempt, answer)
      run.notices.add(`${target.name}: ${detail}; its messages go to the chat without thread`)
      return cure(attempt, answer, () => budget.change((chat) => markThreadless(chat, thread, clock.now())))
    }
    case 'moved':
      run.notices.add(`${target.name}: the group is now the supergroup ${verdict.chat}; set that in the configuration`)
      await budget.change((chat) => ({ ...chat, movedTo: verdict.chat }))
      // The supergroup numbers its messages anew: what was there is out of reach.
      if (errand.messageId !== undefined) return { end: 'message gone', detail }
      attempt.errand = { ...errand, replyTo: undefined }
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

/** A last edit in a chat that the target has left is tried once: whatever that chat refuses is no matter of the target's. */
function judgeElsewhere(answer: Answer): Verdict {
  const judged = judge(answer)
  return notOfTheChat.has(judged.verdict) ? judged : { verdict: 'message gone' }
}

/** Whatever was wrong with the chat is over, and everybody shall know at once; else it is enough to note when. */
async function accepted(answer: Answer, { errand, context }: Attempt): Promise<void> {
  // It says nothing of the lane's own chat.
  if (errand.elsewhere !== undefined) return
  const { budget, run, clock, store, isDurable } = context
  const { broken, backOff, id } = budget.chat()
  const now = clock.now()
  const update = (chat: ReturnType<Budget['chat']>) => markAccepted(chat, now)
  if (broken || backOff) await budget.change(update)
  else budget.note(update)
  const { chat: name } = errand.target
  if (!isDurable || answer.kind !== 'ok' || answer.chat === undefined) return
  if (answer.chat !== name && answer.chat !== id) run.hasLinked ||= await linkChat(name, answer.chat, budget, store)
}

async function retries(attempt: Attempt): Promise<boolean> {
  const { context } = attempt
  const delay = retryDelays[attempt.retries]
  attempt.retries += 1
  if (delay === undefined || !fits(delay, context.run.deadline, context.clock.now())) return false
  await context.clock.sleep(delay)
  return true
}

async function cure(attempt: Attempt, answer: Answer, apply: () => Promise<void>): Promise<Fulfilled | undefined> {
  if (attempt.cures === mostCures) return broken(attempt, answer)
  attempt.cures += 1
  await apply()
  return undefined
}

async function broken({ errand, context }: Attempt, answer: Answer): Promise<Fulfilled> {
  const { budget, run, lane, clock, isDurable } = context
  const { target } = errand
  const detail = said(answer)
  const now = clock.now()
  // Said once: those that come upon it later only probe.
  if (!budget.chat().broken) run.notices.add(`${target.name}: Telegram refuses this target: ${detail}`)
  if (isDurable) await budget.change((chat) => markBroken(chat, detail, now))
  // With STATE=memory each redelivery probes it, since nothing else would.
  else run.refusedTargets.push({ target, detail, since: now })
  lane.halted = { why: 'target broken', detail }
  return { end: 'not shown', why: 'target broken', detail }
}

/** The id to send to: the configured one, or the supergroup's that the group became. */
export function chatOf({ budget }: Pick<RequestContext, 'budget'>, { address, chat }: Target): string {
  return address ?? budget.chat().movedTo ?? chat
}

/** Which messages of an incident are in the target's chat, under whatever id or name it had when they were sent. */
export function placeOf(context: Pick<RequestContext, 'budget'>, target: Target): Place {
  const { movedTo, id } = context.budget.chat()
  const chat = chatOf(context, target)
  const names = [chat, id, movedTo, movedTo === undefined ? target.chat : undefined]
  return {
    chat,
    names: new Set(names.flatMap((name) => name ?? [])),
    upgradedFrom: movedTo === undefined ? undefined : target.chat,
  }
}

function shownHow({ isHtml, errand: { target }, context: { budget, clock } }: Attempt) {
  if (!isHtml) return 'shown as plain text'
  return threadFor(budget.chat(), target.threadId, clock.now()) === target.threadId ? 'shown' : 'shown without thread'
}

function said(answer: Answer): string {
  if (answer.kind === 'refused') return `${answer.code} ${answer.description}`
  return answer.kind === 'failed' ? answer.reason : ''
}
