import type { LeasedRequest } from '../../core/incident/delivery.ts'
import type { Button, Renderer, Text } from '../../core/incident/incident.ts'
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
  renderer: Pick<Renderer, 'marked'>
  now: number
}

/** The message that a leased request sends or edits. */
export function outgoingMessageOf(
  { decision, lease, incident, text, isSilent }: LeasedRequest,
  { target, urgency, renderer, now }: Circumstances,
): OutgoingMessage {
  const { body, delivery } = incident
  const { lastAt } = body.merged
  const lateMilliseconds = lastAt > 0 ? now - lastAt : 0
  const common = { target, urgency, replyTo: undefined, isSilent: false, buttons: [] }
  const marked = ({ markup, buttons = [] }: Text, isRepeat: boolean, isLate = true) => ({
    markup: renderer.marked(markup, { isRepeat, lateMilliseconds: isLate ? lateMilliseconds : 0 }),
    buttons,
  })
  switch (decision.action) {
    case 'send':
      return {
        ...common,
        messageId: undefined,
        replyTo: decision.why === 'now worse' ? delivery.shown?.messageId : undefined,
        isSilent,
        ...marked(text, lease.unknowns > 0),
      }
    case 'edit':
      return {
        ...common,
        messageId: decision.messageId,
        ...marked(text, delivery.shown?.isRepeat === true, decision.why !== 'last words'),
      }
    case 'edit older': {
      const { chat, messageId, markup, isElsewhere } = decision.older
      return { ...common, ...(isElsewhere ? { elsewhere: chat } : {}), messageId, markup }
    }
  }
}
