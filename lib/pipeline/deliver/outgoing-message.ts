import { isLoud } from '../../core/event/severity.ts'
import type { Due } from '../../core/incident/delivery.ts'
import type { Button, Incident, Lease, Renderer, Text } from '../../core/incident/incident.ts'
import type { Urgency } from '../../core/rate-limit/chat.ts'
import type { Target } from '../../core/routing/target.ts'

/** One message to send or to edit. */
export interface OutgoingMessage {
  target: Target
  urgency: Urgency
  /** The chat of the message to edit, where the target has left it. */
  elsewhere?: string
  /** To edit this one; else a new message. */
  messageId: number | undefined
  replyTo: number | undefined
  markup: string
  buttons: Button[]
  /** Nobody's phone rings. */
  isSilent: boolean
}

interface Circumstances {
  target: Target
  urgency: Urgency
  lease: Lease
  renderer: Pick<Renderer, 'marked' | 'loudness'>
  now: number
}

/** What to ask of Telegram for a decision. */
export function outgoingMessageOf(
  decision: Due,
  { shown, merged }: Incident,
  { target, urgency, lease, renderer, now }: Circumstances,
): OutgoingMessage {
  const common = { target, urgency, replyTo: undefined, isSilent: false, buttons: [] }
  const lateMilliseconds = merged.lastAt > 0 ? now - merged.lastAt : 0
  const textOf = ({ markup, buttons = [] }: Text, isRepeat: boolean, isLast = false) => ({
    markup: renderer.marked(markup, {
      isRepeat,
      lateMilliseconds: isLast ? Math.min(0, lateMilliseconds) : lateMilliseconds,
    }),
    buttons,
  })
  switch (decision.action) {
    case 'send':
      return {
        ...common,
        messageId: undefined,
        replyTo: decision.why === 'now worse' ? shown?.messageId : undefined,
        isSilent:
          !isLoud(merged.severity) ||
          merged.isSilent ||
          renderer.loudness(target.name, merged.severity, now) !== 'as it is',
        ...textOf(decision.text, lease.unknowns > 0),
      }
    case 'edit':
      return {
        ...common,
        messageId: decision.messageId,
        ...textOf(decision.text, shown?.isRepeat === true, decision.why === 'last words'),
      }
    case 'edit older':
      return {
        ...common,
        ...(decision.older.isElsewhere ? { elsewhere: decision.older.chat } : {}),
        messageId: decision.older.messageId,
        markup: decision.older.markup,
      }
  }
}
