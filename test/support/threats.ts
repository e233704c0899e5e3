import type { ConsumedRecord } from '../../lib/adapters/kafka/lambda-event.ts'
import { codePoints } from '../../lib/core/message/text/clip.ts'
import type { ChatMessage } from '../../lib/emulator/chats.ts'
import { runsOf } from '../../lib/emulator/entity.ts'
import type { TestApp } from './app.ts'
import { type openApps, startAt } from './crashes.ts'
import { envelope, event, record } from './records.ts'

/** Tests by their line in SECURITY.md. */
export type Threats = Record<string, (apps: ReturnType<typeof openApps>) => Promise<void>>

type Fields = Record<string, unknown>

export const now = new Date(startAt).toISOString()

/** A forged record: an event of this moment with these fields. */
export function forged(number: number, fields: Fields = {}): ConsumedRecord {
  return record(number, {
    value: envelope(event(number, { firstTimestamp: now, lastTimestamp: now, count: 1, ...fields })),
  })
}

/** The same text in every field that is shown or names something. */
export function everywhere(text: string): Fields {
  return {
    ...{ reason: text, type: text, action: text, message: text, reportingComponent: text, reportingInstance: text },
    source: { component: text, host: text },
    metadata: { name: text, namespace: text },
    involvedObject: { kind: text, namespace: text, name: text, fieldPath: `spec.containers{${text}}` },
    related: { kind: text, namespace: text, name: text },
  }
}

export function messagesOf({ emulator }: TestApp): ChatMessage[] {
  return emulator.messages()
}

export function lastOf(app: TestApp): ChatMessage {
  const last = messagesOf(app).at(-1)
  if (!last) throw new Error('there is no message')
  return last
}

/** The text outside of code, where a Telegram client may create links, mentions, hashtags and commands. */
export function outsideOfCode({ text, entities }: ChatMessage): string {
  const runs = runsOf(text, entities).filter((run) =>
    run.entities.every(({ type }) => type !== 'code' && type !== 'pre'),
  )
  return runs.map((run) => run.text).join('\n')
}

interface Keyboard {
  inline_keyboard?: { text: string; url?: string; copy_text?: { text: string } }[][]
}

export function buttonsOf({ replyMarkup }: ChatMessage) {
  return ((replyMarkup as Keyboard | undefined)?.inline_keyboard ?? []).flat()
}

export function copiesOf(message: ChatMessage): string[] {
  return buttonsOf(message).flatMap(({ copy_text }) => copy_text?.text ?? [])
}

export function lengthOf({ text }: ChatMessage): number {
  return codePoints(text)
}

/** The first column of the table below a heading. */
export function linesBelow(heading: string, page: string): string[] {
  const section = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? ''
  const rows = section.split('\n').filter((line) => line.startsWith('| '))
  return rows.slice(2).map((row) => row.split(' | ')[0]?.slice(2) ?? '')
}
