// client-go puts it before the text after ten different ones for one object and reason (tools/record/events_cache.go).
const prefix = '(combined from similar events): '

/** True if an event message is only the latest of many that were similar. */
export function isCombined(message: string): boolean {
  return message.startsWith(prefix)
}

export function withoutPrefix(message: string): string {
  return message.startsWith(prefix) ? message.slice(prefix.length) : message
}
