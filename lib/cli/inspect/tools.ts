import type { Config } from '../../app/config/config.ts'
import type { Presentation } from '../../core/incident/decide.ts'
import type { Body, Renderer } from '../../core/incident/incident.ts'
import { createRenderer, overridesOf } from '../../core/message/render.ts'
import { languages } from '../../core/message/words/languages.ts'
import { loudnessOf } from '../../core/routing/quiet.ts'
import { createRouter, type Router } from '../../core/routing/router.ts'
import type { Target } from '../../core/routing/target.ts'
import { nowhere } from '../configuration.ts'
import { plainLine } from './words.ts'

/** The program's own decisions and texts, made of its configuration as lib/app/app.ts does. */
export interface Tools {
  route: Router
  renderer: Renderer
  present: (body: Body, now: number) => Presentation
  clusterOf(topic: string): string
  /** How a target is named in output. */
  nameOf(target: Target): string
}

export function openTools({ ruleset, timeZone, language, link, cluster }: Config): Tools {
  const { quiet, rules, clusters, target } = ruleset
  const words = languages[language]
  const renderer = createRenderer({ timeZone, words, link, ...overridesOf(rules) })
  return {
    route: createRouter(ruleset),
    renderer,
    present: (body, now) => ({
      textHash: renderer.text(body).hash,
      loudness: loudnessOf(quiet, body.identity.target, body.merged.severity, now),
    }),
    clusterOf: (topic) => clusters[topic] ?? cluster ?? topic,
    nameOf: ({ name }) => (name === nowhere && target.name === nowhere ? 'the default chat' : plainLine(name)),
  }
}
