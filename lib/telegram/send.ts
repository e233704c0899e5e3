import { type Html, plainText } from '../format/html.ts'
import type { Deferred, DeferredWhy, Result } from '../outcome.ts'
import type { DeliverDependencies, Delivery } from './delivery.ts'
import type { Chat } from './lane.ts'
import type { Run } from './run.ts'
import { type Answer, judge } from './verdict.ts'

// The Bot API server holds a request for up to 8 s before it says 429 (TDLib NetQueryDelayer.cpp): given up earlier, it would be one without an answer.
const leastMilliseconds = 10_000
const mostMilliseconds = 15_000

const retryDelays = [1_000, 2_000, 4_000, 8_000]
// Group moved, thread gone, text refused: each is cured once, so a fourth cure would go round in a circle.
const mostCures = 3

/** Sends one record's message, as often as it may be tried: waits for cool-downs, repeats what certainly was not accepted, cures what can be cured. */
export async function send(
  delivery: Delivery,
  chat: Chat,
  run: Run,
  dependencies: DeliverDependencies,
): Promise<Result> {
  const { recordKey, target, render } = delivery
  const isRepeatPossible = dependencies.receipts.find(recordKey, target.name) === 'unknown'
  const attempt: Attempt = { delivery, chat, run, dependencies, isRepeatPossible, isHtml: true, retries: 0, cures: 0 }
  if (run.unanswered.has(identity(delivery))) return deferred('unknown')
  const message = render({ isRepeatPossible })
  for (;;) {
    const result = (await untilStart(attempt)) ?? (await next(await request(message, attempt), attempt))
    if (result) return result
  }
}

interface Attempt {
  delivery: Delivery
  chat: Chat
  run: Run
  dependencies: DeliverDependencies
  isRepeatPossible: boolean
  isHtml: boolean
  retries: number
  cures: number
}

/** Waits for the chat's cool-down. A result if the request must not start any more. */
async function untilStart({ delivery, chat, run, dependencies: { clock } }: Attempt): Promise<Result | undefined> {
  const wait = chat.coolDownUntil - clock.now()
  if (wait > 0) {
    if (!fits(wait, run, clock.now()))
      return halt(run, delivery, deferred('cool-down', `${Math.ceil(wait / 1_000)} s left`))
    await clock.sleep(wait)
  }
  if (!fits(0, run, clock.now())) return halt(run, delivery, deferred('deadline'))
  // Another lane may have deferred a record of this partition meanwhile.
  return run.deferredPartitions.has(delivery.record.mapKey) ? deferred('behind') : undefined
}

async function request(message: Html, { delivery, chat, run, dependencies, isHtml }: Attempt): Promise<Answer> {
  run.requests += 1
  return dependencies.client.send({
    chat: chat.id,
    threadId: threadOf(delivery, run),
    text: isHtml ? message.markup : plainText(message),
    isHtml,
    timeoutMilliseconds: Math.min(mostMilliseconds, run.deadline - dependencies.clock.now()),
  })
}

/** What follows from an answer: a result, or undefined for another request. */
async function next(answer: Answer, attempt: Attempt): Promise<Result | undefined> {
  const { delivery, chat, run, dependencies } = attempt
  const { target, recordKey } = delivery
  const verdict = judge(answer)
  switch (verdict.verdict) {
    case 'sent':
      dependencies.receipts.save(recordKey, target.name, 'sent')
      return { outcome: 'sent', why: shownHow(attempt) }
    case 'wait':
      run.rateLimited += 1
      chat.coolDownUntil = dependencies.clock.now() + verdict.seconds * 1_000
      return undefined
    case 'again':
      if (await retries(attempt)) return undefined
      // No connection is the chat's trouble; a 500 may be this record's, and others go on.
      return verdict.why === 'unreachable'
        ? halt(run, delivery, deferred(verdict.why, said(answer)))
        : deferred(verdict.why, said(answer))
    case 'text refused':
      if (attempt.isHtml) return cure(attempt, answer, () => Object.assign(attempt, { isHtml: false }))
      dependencies.receipts.save(recordKey, target.name, 'rejected')
      return { outcome: 'rejected', why: 'text refused', detail: said(answer) }
    case 'thread gone':
      if (threadOf(delivery, run) === undefined) return broken(attempt, answer)
      run.notices.add(`${target.name}: ${said(answer)}; its messages go to the chat without thread`)
      return cure(attempt, answer, () => run.threadless.add(target.name))
    case 'moved':
      run.notices.add(`${target.name}: the group is now the supergroup ${verdict.chat}; set that in the configuration`)
      return cure(attempt, answer, () => Object.assign(chat, { id: verdict.chat }))
    case 'target broken':
      return broken(attempt, answer)
    case 'refused':
      if (attempt.isHtml) return cure(attempt, answer, () => Object.assign(attempt, { isHtml: false }))
      return deferred('refused', said(answer))
    case 'token refused':
      run.refusedToken = deferred('token refused', said(answer))
      return run.refusedToken
    case 'unknown':
      run.unanswered.add(identity(delivery))
      dependencies.receipts.save(recordKey, target.name, 'unknown')
      return deferred('unknown', said(answer))
  }
}

async function retries(attempt: Attempt): Promise<boolean> {
  const { run, dependencies } = attempt
  const delay = retryDelays[attempt.retries]
  attempt.retries += 1
  if (delay === undefined || !fits(delay, run, dependencies.clock.now())) return false
  await dependencies.clock.sleep(delay)
  return true
}

function cure(attempt: Attempt, answer: Answer, apply: () => void): Result | undefined {
  if (attempt.cures === mostCures) return broken(attempt, answer)
  attempt.cures += 1
  apply()
  return undefined
}

function broken({ delivery, run }: Attempt, answer: Answer): Result {
  run.notices.add(`${delivery.target.name}: Telegram refuses this target: ${said(answer)}`)
  return halt(run, delivery, deferred('target broken', said(answer)))
}

function halt(run: Run, { target }: Delivery, result: Deferred): Deferred {
  run.haltedChats.set(target.chat, result)
  return result
}

function fits(wait: number, { deadline }: Run, now: number): boolean {
  return now + wait + leastMilliseconds <= deadline
}

function shownHow({ isHtml, isRepeatPossible, delivery, run }: Attempt): Extract<Result, { outcome: 'sent' }>['why'] {
  if (isRepeatPossible) return 'possibly repeated'
  if (!isHtml) return 'shown as plain text'
  return threadOf(delivery, run) === delivery.target.threadId ? 'shown' : 'shown without thread'
}

function threadOf({ target }: Delivery, { threadless }: Run): number | undefined {
  return threadless.has(target.name) ? undefined : target.threadId
}

function identity({ target, recordKey }: Delivery): string {
  return `${target.name} ${recordKey}`
}

function deferred(why: DeferredWhy, detail = ''): Deferred {
  return { outcome: 'deferred', why, detail }
}

function said(answer: Answer): string {
  if (answer.kind === 'refused') return `${answer.code} ${answer.description}`
  return answer.kind === 'failed' ? answer.reason : ''
}
