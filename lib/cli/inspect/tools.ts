import type { Config } from '../../app/config/config.ts'
import { sha256 } from '../../core/hash.ts'
import { createKeysOf, type KeysOf } from '../../core/incident/identity.ts'
import type { Renderer } from '../../core/incident/incident.ts'
import { createRenderer, overridesOf } from '../../core/message/render.ts'
import { languages } from '../../core/message/words/languages.ts'
import { createRouter, type Router } from '../../core/routing/router.ts'
import type { Target } from '../../core/routing/target.ts'
import { nowhere } from '../configuration.ts'
import { plainLine } from './words.ts'

/** The program's own decisions and texts, made of its configuration as lib/app/app.ts does. */
export interface Tools {
  route: Router
  keysOf: KeysOf
  renderer: Renderer
  clusterOf(topic: string): string
  /** How a target is named in output. */
  nameOf(target: Target): string
}

export function openTools({ ruleset, timeZone, language, link, cluster }: Config): Tools {
  const { quiet, rules, clusters, target } = ruleset
  const words = languages[language]
  return {
    route: createRouter(ruleset),
    keysOf: createKeysOf(sha256),
    renderer: createRenderer({ timeZone, words, link, quiet, ...overridesOf(rules) }, sha256),
    clusterOf: (topic) => clusters[topic] ?? cluster ?? topic,
    nameOf: ({ name }) => (name === nowhere && target.name === nowhere ? 'the default chat' : plainLine(name)),
  }
}
