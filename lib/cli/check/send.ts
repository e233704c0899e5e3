import type { Bot } from '../../adapters/telegram/inspect.ts'
import { html } from '../../core/message/html.ts'
import type { TelegramClient } from '../../pipeline/ports.ts'
import type { BotConnection } from './advice.ts'
import { chatPlaceOf, failed, type Step } from './finding.ts'
import { defaultName, type PlacedTarget } from './summary.ts'

// Telegram delays a request for up to eight seconds before it answers 429 (tdlib/td NetQueryDelayer.cpp).
const timeoutMilliseconds = 15_000

/** Sends a silent test message to a target. */
export async function sendTest(
  placed: PlacedTarget,
  bot: Bot,
  send: TelegramClient['send'],
  connection: BotConnection,
): Promise<Step> {
  const { name, target } = placed
  const { chat, threadId } = target
  const about = { about: 'test message' as const, targets: [name], chat }
  const where = name === defaultName ? 'for the default target' : `for target ${name}`
  const { markup } =
    html`Test message of kube-eventer-telegram: events ${where} arrive here. Nothing has happened in the cluster.`
  const message = { chat, threadId, text: markup, isHtml: true, buttons: [], isSilent: true }
  const answer = await send(message, timeoutMilliseconds)
  if (answer.kind !== 'ok') {
    const step = failed(answer, chatPlaceOf([placed], bot), about, connection)
    if (!step.isLast) return { ...step, says: `the test message failed: ${step.says}` }
    const isUnknown = answer.kind === 'failed' && answer.isWritten
    return isUnknown ? { ...step, says: `${step.says}; the test message may have been sent anyway` } : step
  }
  const { messageId } = answer
  const thread = threadId === undefined ? '' : ` to thread ${threadId}`
  return {
    level: 'fine',
    ...about,
    says: `test message ${messageId ?? ''} was sent${thread} without a sound`,
    advice: null,
    ...(messageId === undefined ? {} : { messageId }),
  }
}
