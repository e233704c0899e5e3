import type { ChatMessage } from '../../emulator/chats.ts'
import { renderTerminal } from '../../emulator/view/terminal.ts'
import { wrapLines } from '../../emulator/view/terminal-text.ts'
import { type Look, paint, type Style } from '../terminal.ts'
import type { Explanation } from './record.ts'
import type { Trial } from './routing.ts'
import { readMarkup, type ShownMessage, type TargetExplanation } from './target.ts'

const labelWidth = 10

/** An explanation for people, in a terminal. */
export function renderExplanation(explanation: Explanation, look: Look): string {
  const { event, problem, cause, severity, workload, cluster, tried, decided, resolves, targets, outcome } = explanation
  const row = rowsOf(look)
  const kind = event && [event.type, event.reason, event.object].filter((part) => part !== '').join(' ')
  const decision = decided && [decided.name ?? decided.kind, ...(decided.isDefault ? ['(default)'] : [])].join(' ')
  return [
    `${paint(explanation.place, 'bold', look.hasColor)}${kind ? `  ${kind}` : ''}`,
    ...row('', problem?.value || event?.message || ''),
    ...(event?.claimedAt ? row('time', `${event.claimedAt} is in the future; the event counts as without a time`) : []),
    ...(event ? row('cause', `${cause} (${severity}) · ${workload} · cluster ${cluster}`) : []),
    ...triedLines(tried).flatMap((line, index) => row(index === 0 ? 'tried' : '', line)),
    ...(decided ? row('decided', `${decision}: ${decided.says}`) : []),
    ...resolves.flatMap(({ target, incident, state, ...resolved }, index) =>
      row(index === 0 ? 'resolves' : '', `${resolved.cause} in ${target}, incident ${incident}: ${state}`),
    ),
    ...targets.flatMap((target, index) => row(index === 0 ? 'for' : '', leadOf(target))),
    ...(outcome === null ? [] : row('outcome', outcome, colorOf(outcome))),
    ...explanation.deliveries.flatMap((delivery, index) =>
      deliveryLines(delivery, explanation.deliveries[index - 1], look, row),
    ),
  ].join('\n')
}

type Row = (label: string, text: string, style?: Style) => string[]

function rowsOf({ width, hasColor }: Look): Row {
  return (label, text, style) =>
    text === ''
      ? []
      : wrapLines(text, Math.max(30, width - labelWidth - 2)).map((line, index) => {
          const name = index === 0 ? label : ''
          return `  ${paint(name.padEnd(labelWidth), 'dim', hasColor)}${style === undefined ? line : paint(line, style, hasColor)}`
        })
}

/** Rules that failed on the same condition share a line. */
function triedLines(tried: Trial[]): string[] {
  const failed = tried.filter(({ why }) => why !== null)
  return [...Map.groupBy(failed, ({ why }) => why)].map(
    ([why, group]) => `${why}: ${group.map(({ kind, name }) => (kind === 'mute' ? `mute ${name}` : name)).join(', ')}`,
  )
}

function leadOf({ target, routes }: { target: string; routes: string[] }): string {
  return `${target} (${routes.length === 0 ? 'default, because no route matches' : routes.join(', ')})`
}

function deliveryLines(
  delivery: TargetExplanation,
  before: TargetExplanation | undefined,
  look: Look,
  row: Row,
): string[] {
  const { incident, state, outcome, chat, message } = delivery
  const isSame = message !== null && message.text === before?.message?.text
  return [
    ...row('for', leadOf(delivery)),
    ...row('incident', `${incident}: ${state}`),
    ...row('chat', chat ?? '', 'red'),
    ...row('outcome', `${outcome}${isSame ? ', the same text' : ''}`, colorOf(outcome)),
    ...(message && !isSame ? ['', ...messageLines(message, whenOf(delivery), look), ''] : []),
  ]
}

function colorOf(outcome: string): Style {
  if (outcome.startsWith('sent')) return 'green'
  if (outcome.startsWith('skipped')) return 'yellow'
  return outcome.startsWith('pending') ? 'cyan' : 'red'
}

function whenOf({ outcome, message }: TargetExplanation): string {
  const isLater = /^(pending|returned)/.test(outcome)
  return `${isLater ? 'to be ' : ''}${message?.isEdit ? 'edited' : 'sent'}`
}

/** The message as the emulator's terminal view shows it, without chat title and day. */
function messageLines({ markup, buttons, isSilent }: ShownMessage, when: string, { hasColor, width }: Look): string[] {
  const keys = buttons.map((button) => [
    { ...button, ...('copy' in button ? { copy_text: { text: button.copy } } : {}) },
  ])
  const message: ChatMessage = {
    ...{ id: 1, chatId: 1, date: 0, linkPreviewDisabled: true, isSilent, revisions: [] },
    ...readMarkup(markup),
    replyMarkup: { inline_keyboard: keys },
  }
  const chat = { setup: { id: 1, type: 'group' as const, title: '' }, messages: [message], nextMessageId: 2 }
  return renderTerminal([chat], { width: width - 2, hasColor, formatTime: () => when, formatDay: () => '' })
    .trimEnd()
    .split('\n')
    .slice(linesOfChat)
    .map((line) => `  ${line}`)
}

// Its title, and the day.
const linesOfChat = 4
