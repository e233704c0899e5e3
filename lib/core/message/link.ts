import type { Button } from '../incident/incident.ts'
import type { View } from '../incident/view.ts'

/** An address with placeholders for values of an incident: `https://grafana.example.com/d/pods?var-namespace={namespace}`. */
export interface LinkTemplate {
  /** Also the button's text. */
  host: string
  template: string
}

type Value = (view: View) => string | number

/** The placeholders. Times are milliseconds since the epoch. */
const values: Record<string, Value> = {
  cluster: ({ identity }) => identity.cluster,
  namespace: ({ identity }) => identity.namespace,
  workload: ({ identity }) => identity.workload.name,
  cause: ({ identity }) => identity.cause,
  kind: ({ latest }) => latest.kind,
  name: ({ latest }) => latest.objectName,
  container: ({ latest }) => latest.container,
  node: ({ latest }) => latest.host || (latest.kind === 'Node' ? latest.objectName : ''),
  reason: ({ latest }) => latest.reason,
  from: ({ firstAt }) => firstAt,
  to: ({ lastAt }) => lastAt,
}

export const linkForm = `an http or https URL with a dot in its host, for example https://grafana.example.com/explore?ns={namespace} (placeholders, only after the host: ${Object.keys(
  values,
)
  .map((name) => `{${name}}`)
  .join(' ')})`

const placeholder = /\{([^{}]*)\}/g

/** Undefined unless it is an http or https address with a fixed host that Telegram accepts, and with known placeholders only. */
export function parseLinkTemplate(template: string): LinkTemplate | undefined {
  const origin = /^https?:\/\/[^/?#\\{}@\s]+(?=[/?#]|$)/.exec(template)?.[0]
  if (origin === undefined || !URL.canParse(origin) || template.length > maxUrl) return undefined
  const { hostname, host } = new URL(origin)
  // For any other host Telegram refuses the whole message (TDLib LinkManager.cpp).
  if (!hostname.includes('.') && !hostname.startsWith('[')) return undefined
  const isKnown = [...template.matchAll(placeholder)].every(([, name = '']) => Object.hasOwn(values, name))
  return isKnown && URL.canParse(template.replace(placeholder, 'x')) ? { host, template } : undefined
}

/** The button that opens the address; undefined if a value would change the path's levels or makes it too long. */
export function linkButton({ host, template }: LinkTemplate, view: View): Button | undefined {
  const filled = [...template.matchAll(placeholder)].map(([, name = '']) => String(values[name]?.(view) ?? ''))
  if (filled.some((value) => value === '.' || value === '..')) return undefined
  const url = template.replace(placeholder, () => encodeURIComponent(filled.shift() ?? ''))
  return url.length <= maxUrl ? { text: host, url } : undefined
}

// Some servers and proxies refuse longer addresses.
const maxUrl = 1_000

// Chat ids below are those of supergroups and channels: -100, then the id in addresses (Bot API, Chat; TDLib DialogId.h, ZERO_CHANNEL_ID).
const zeroChannelId = -1_000_000_000_000

/** The address of a message; undefined in private chats and basic groups, whose messages have none (core.telegram.org/api/links). */
export function messageAddress(chat: string, messageId: number, threadId?: number): string | undefined {
  const path = threadId === undefined ? `${messageId}` : `${threadId}/${messageId}`
  if (chat.startsWith('@')) return `https://t.me/${chat.slice(1)}/${path}`
  const channelId = zeroChannelId - Number(chat)
  return channelId > 0 ? `https://t.me/c/${channelId}/${path}` : undefined
}
