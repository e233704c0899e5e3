import type { OngoingProblems } from '../core/ongoing-problems.ts'
import type { Log } from './ports.ts'

interface DeliveryResult {
  /** The target's name. */
  chat: string
  outcome: string
  why: string
  detail?: string | undefined
}

/** Failures of Telegram or the network: they concern every target. */
const outages: Record<string, string> = {
  unreachable: 'Telegram cannot be reached',
  'Telegram error': 'Telegram reports an internal error',
  unknown: 'Telegram did not answer a request',
}

/** Logs when deliveries begin to fail, every ten minutes while they do, and when they work again. */
export function logDeliveryProblems(
  results: readonly DeliveryResult[],
  { log, problems, now }: { log: Pick<Log, 'info' | 'warn'>; problems: OngoingProblems; now: number },
) {
  const working = new Set(results.flatMap(({ chat, outcome }) => (outcome === 'sent' ? chat : [])))
  const outage = working.size === 0 ? results.find(({ why }) => why in outages) : undefined
  if (outage) begin('Telegram', `${outages[outage.why]}${outage.detail ? `: ${outage.detail}` : ''}`)
  else if (working.size > 0) end('Telegram', 'Telegram works again')

  for (const { chat, why, detail } of results)
    if (why === 'target broken') begin(chat, `${chat}: Telegram refuses this target: ${detail}`, { chat })
  for (const chat of working) end(chat, `${chat}: Telegram accepts messages for this target again`, { chat })

  function begin(name: string, text: string, fields = {}) {
    if (problems.isDue(name, text, now)) log.warn(text, fields)
  }

  function end(name: string, text: string, fields = {}) {
    const afterSeconds = problems.end(name, now)
    if (afterSeconds !== undefined) log.info(text, { ...fields, afterSeconds })
  }
}
