import type { Ruleset } from './compiled.ts'
import { knownTargets } from './ruleset.ts'
import type { Target } from './target.ts'

/** Chats by another id or name of theirs: under the second one the state knows the first. */
export type SameChats = ReadonlyMap<string, string>

/**
 * A ruleset whose targets are those that the state knows, whatever ids the configuration has for them: a group that was upgraded and is
 * configured with its new id, a channel by name and by id. So open incidents stay open, and each chat has one rateLimit. Pure.
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

/** The target under the name that the state has for its chat. Messages go where the configuration says: names of channels change hands. */
export function asKnown(target: Target, sameChats: SameChats): Target {
  const chat = sameChats.get(target.chat)
  if (chat === undefined) return target
  const { name, threadId } = target
  // Without a name of its own a target is called as its chat.
  const isUnnamed = name === target.chat || name.startsWith(`${target.chat}:`)
  return {
    name: isUnnamed ? `${chat}${name.slice(target.chat.length)}` : name,
    chat,
    address: target.chat,
    threadId,
  }
}
