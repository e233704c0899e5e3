import type { OngoingProblems } from '../core/ongoing-problems.ts'
import type { Log } from './ports.ts'

/** The result of a request to Telegram. */
interface RequestResult {
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
  results: readonly RequestResult[],
  { log, problems, now }: { log: Pick<Log, 'info' | 'warn'>; problems: OngoingProblems; now: number },
) {
  const working = new Set(results.flatMap(({ chat, outcome }) => (outcome === 'sent' ? chat : [])))
  const outage = working.size === 0 ? results.find(({ why }) => why in outages) : undefined
  if (outage) begin('Telegram', outages[outage.why] ?? '', outage)
  else if (working.size > 0) end('Telegram', 'Telegram works again')

  for (const result of results)
    if (result.why === 'target broken') begin(result.chat, `${result.chat}: Telegram refuses this target`, result)
  for (const chat of working) end(chat, `${chat}: Telegram accepts messages for this target again`)

  function begin(name: string, text: string, { detail }: RequestResult) {
    if (problems.isDue(name, text, now)) log.warn(detail ? `${text}: ${detail}` : text)
  }

  function end(name: string, text: string) {
    const afterSeconds = problems.end(name, now)
    if (afterSeconds !== undefined) log.info(text, { afterSeconds })
  }
}
