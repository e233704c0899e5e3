import type { LeasedRequest } from '../../core/incident/delivery.ts'
import type { Button, Marks, Renderer, Text } from '../../core/incident/incident.ts'
import type { Urgency } from '../../core/rate-limit/chat.ts'
import type { Target } from '../../core/routing/target.ts'

/** One message to send or to edit. */
export interface OutgoingMessage {
  target: Target
  urgency: Urgency
  /** The chat of the message to edit, if the target has left it. */
  elsewhere?: string
  /** The message to edit; undefined for a new one. */
  messageId: number | undefined
  replyTo: number | undefined
  markup: string
  buttons: Button[]
  /** Sent without a sound. */
  isSilent: boolean
}

interface Circumstances {
  target: Target
  urgency: Urgency
  renderer: Pick<Renderer, 'linked' | 'marked'>
  now: number
}

/** The message that a leased request sends or edits. */
export function outgoingMessageOf(
  { decision, lease, incident, text, isSilent }: LeasedRequest,
  { target, urgency, renderer, now }: Circumstances,
): OutgoingMessage {
  const { body, delivery } = incident
  const { firstAt, lastAt } = body.merged
  const { shown } = delivery
  const common = { target, urgency, replyTo: undefined, isSilent: false, buttons: [] }
  // The last words are about the generation before, whose times are not known any more.
  const timing = (sentAt: number) => ({
    lateMilliseconds: lastAt > 0 ? now - lastAt : 0,
    times: { firstAt, lastAt, sentAt },
  })
  const marked = ({ markup, buttons = [] }: Text, marks: Marks) => ({
    markup: renderer.marked(markup, marks),
    buttons,
  })
  switch (decision.action) {
    case 'send':
      return {
        ...common,
        messageId: undefined,
        replyTo: decision.why === 'now worse' ? shown?.messageId : undefined,
        isSilent,
        ...marked(text, { isRepeat: lease.unknowns > 0, ...timing(now) }),
      }
    case 'edit': {
      const isRepeat = shown?.isRepeat === true
      const isLast = decision.why === 'last words'
      return {
        ...common,
        messageId: decision.messageId,
        ...marked(text, isLast ? { isRepeat, lateMilliseconds: 0 } : { isRepeat, ...timing(shown?.at ?? now) }),
      }
    }
    case 'edit older': {
      const { chat, messageId, markup, isElsewhere } = decision.older
      const isLinked = shown !== undefined && shown.messageId > 0 && !shown.isGone && !shown.isElsewhere
      return {
        ...common,
        ...(isElsewhere ? { elsewhere: chat } : {}),
        messageId,
        markup: isLinked
          ? renderer.linked(markup, { chat: shown.chat, messageId: shown.messageId, threadId: target.threadId })
          : markup,
      }
    }
  }
}
