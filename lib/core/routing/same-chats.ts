import { knownTargets } from './compile-ruleset.ts'
import type { Ruleset } from './ruleset.ts'
import type { Target } from './target.ts'

/** Maps a chat's ID or name in the configuration to the one that the store uses. */
export type SameChats = ReadonlyMap<string, string>

/**
 * Replaces targets by those that the store knows, for example after a group was upgraded and is configured with its new ID. So open incidents
 * stay open, and each chat has one rate limit.
 */
export function withSameChats(ruleset: Ruleset, sameChats: SameChats): Ruleset {
  if (sameChats.size === 0) return ruleset
  const known = (target: Target) => asKnown(target, sameChats)
  const { targets, routes, quiet, target, fallback, suppressed, watchdog } = ruleset
  const names = new Map([...knownTargets(ruleset).values()].map((one) => [one.name, known(one).name]))
  return {
    ...ruleset,
    target: known(target),
    targets: new Map([...targets].map(([name, one]) => [name, known(one)])),
    routes: routes.map((route) => ({ ...route, targets: route.targets.map(known) })),
    quiet: quiet.map((hours) => ({
      ...hours,
      targets: hours.targets && new Set([...hours.targets].map((name) => names.get(name) ?? name)),
    })),
    fallback: fallback && known(fallback),
    suppressed: suppressed && { ...suppressed, target: known(suppressed.target) },
    watchdog: watchdog && { ...watchdog, target: known(watchdog.target) },
  }
}

/** The target under the name that the store uses for its chat. Messages still go to the configured address, since channel names change owners. */
export function asKnown(target: Target, sameChats: SameChats): Target {
  const chat = sameChats.get(target.chat)
  if (chat === undefined) return target
  const { name, threadId } = target
  // A target without a name is called like its chat.
  const isUnnamed = name === target.chat || name.startsWith(`${target.chat}:`)
  return {
    name: isUnnamed ? `${chat}${name.slice(target.chat.length)}` : name,
    chat,
    address: target.chat,
    threadId,
  }
}
