import { rulesFixedText, rulesRefusedText } from '../core/message/own-event-texts.ts'
import type { Words } from '../core/message/words/en.ts'
import type { Target } from '../core/routing/target.ts'
import type { IncidentToDeliver } from './deliver/run.ts'
import { ownEvent, type RaiseOwnEvents } from './own-events.ts'
import type { Store } from './ports.ts'

/** A version of the rules that is not used, since it has mistakes. Times are milliseconds since the epoch. */
export interface RulesMistake {
  /** Of the version and its text. */
  id: string
  version: string
  at: number
  /** Each with its line. */
  problems: string[]
  /** The version that replaced it. */
  fixed: { version: string; at: number } | undefined
}

interface RulesMistakeTools {
  store: Pick<Store, 'isDurable'>
  raise: RaiseOwnEvents
  target: Target
  /** Undefined if the rules cannot change. */
  rules: { name: string; mistakes: () => readonly RulesMistake[] } | undefined
  /** Where this process has told what, by the uid of the event. */
  told: Map<string, Target>
  words: Words
}

/** Tells of new rules that are not used, and when later ones are: one message for each version, whichever process sweeps. */
export function createReportRulesMistakes({ store, raise, target, rules, told, words }: RulesMistakeTools) {
  return async (deadline: number): Promise<IncidentToDeliver[]> => {
    if (!store.isDurable || !rules) return []
    const incidents = new Map<string, IncidentToDeliver>()
    for (const mistake of rules.mistakes()) {
      const { refused, fixed, incident } = eventsOf(rules.name, mistake)
      // Nobody needs to know of a mistake that was corrected before a sweep.
      const due = fixed && !told.has(refused.uid) ? [] : [refused, ...(fixed ? [fixed] : [])]
      for (const event of due) {
        if (told.has(event.uid)) continue
        // The corrected rules may have another fallback target, but the message is where it is.
        const place = told.get(refused.uid) ?? target
        const raised = await raise([event], place, deadline, incident)
        // If saving fails, the next sweep tries again.
        if (raised.length === 0) break
        told.set(event.uid, place)
        for (const one of raised) incidents.set(one.incident.key, one)
      }
    }
    return [...incidents.values()]
  }

  function eventsOf(file: string, { id, version, at, problems, fixed }: RulesMistake) {
    // The version comes first, since names of files may be cut. The same id makes both events one, so the incident happened once.
    const incident = `${id} ${file}`
    const about = { kind: 'ConfigFile', name: file, since: at, id: incident }
    return {
      incident,
      refused: ownEvent({
        ...about,
        reason: 'RulesRefused',
        type: 'Warning',
        version: 1,
        at,
        message: rulesRefusedText({ version, problems }, words),
      }),
      fixed:
        fixed &&
        ownEvent({
          ...about,
          reason: 'RulesInUse',
          type: 'Normal',
          version: 2,
          at: Math.max(at, fixed.at),
          message: rulesFixedText(fixed.version, words),
        }),
    }
  }
}
