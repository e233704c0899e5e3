import type { IncidentToDeliver } from './deliver/run.ts'
import { type Clock, orOutage, type RulesText, type Store } from './ports.ts'

interface GoodRulesTools {
  store: Pick<Store, 'isDurable' | 'goodRules'>
  clock: Clock
  /** Undefined if the rules cannot change. */
  rules: { name: string; inUse: () => RulesText } | undefined
}

/** Saves the rules in use when they have changed, for a process that starts while a newer version has mistakes. Raises no event. */
export function createSaveGoodRules({ store, clock, rules }: GoodRulesTools) {
  let saved: string | undefined
  return async (deadline: number): Promise<IncidentToDeliver[]> => {
    if (!store.isDurable || !rules) return []
    const { text, version, modifiedAt } = rules.inUse()
    if (text === saved || clock.now() >= deadline) return []
    const read = await orOutage(() => store.goodRules.read([rules.name]))
    // During an outage of the store, and if another process has just saved them, the next sweep tries again.
    if ('outage' in read) return []
    const known = read.value.get(rules.name)
    if (known?.value.text === text) {
      saved = text
      return []
    }
    const value = { text, version, modifiedAt }
    const written = await orOutage(() => store.goodRules.save(rules.name, value, known?.version ?? 0))
    if ('value' in written && 'version' in written.value) saved = text
    return []
  }
}
