import type { Config } from '../../config/schema.ts'
import { overridesOf } from '../../format/overrides.ts'
import { createRenderer } from '../../format/render.ts'
import { languages } from '../../format/words/languages.ts'
import { sha256 } from '../../hash.ts'
import { createKeysOf, type KeysOf } from '../../incident/identity.ts'
import type { Renderer } from '../../incident/incident.ts'
import { createRouter, type Router } from '../../route/router.ts'
import type { Target } from '../../route/target.ts'
import { nowhere } from '../configuration.ts'
import { plainLine } from './words.ts'

/** The program's own decisions and texts, made of its configuration as lib/wire.ts does. */
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
