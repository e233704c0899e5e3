import type { Urgency } from '../budget/chat.ts'
import { type Html, html, lines } from '../format/html.ts'
import type { Claim, Incident } from '../incident/incident.ts'
import type { Due } from '../incident/standing.ts'
import type { Target } from '../route/target.ts'

/** One message to send or to edit. */
export interface Errand {
  target: Target
  urgency: Urgency
  /** To edit this one; else a new message. */
  messageId: number | undefined
  replyTo: number | undefined
  markup: string
}

const marked = html`↻ possibly repeated`

/** What to ask of Telegram for a decision. */
export function errandOf(
  decision: Due,
  { shown }: Incident,
  { target, urgency, claim }: { target: Target; urgency: Urgency; claim: Claim },
): Errand {
  const common = { target, urgency, replyTo: undefined }
  switch (decision.action) {
    case 'send':
      return {
        ...common,
        messageId: undefined,
        replyTo: decision.why === 'now critical' ? shown?.messageId : undefined,
        markup: withMark(decision.text.markup, claim.unknowns > 0),
      }
    case 'edit':
      return {
        ...common,
        messageId: decision.messageId,
        markup: withMark(decision.text.markup, shown?.isRepeat === true),
      }
    case 'edit older':
      return { ...common, messageId: decision.older.messageId, markup: decision.older.markup }
  }
}

function withMark(markup: string, isRepeat: boolean): string {
  return isRepeat ? lines([marked, { markup } as Html]).markup : markup
}
