import type { CompiledRule } from '../routing/compiled.ts'
import { type LinkTemplate, parseLinkTemplate } from './link.ts'

/** What rules, by their names, say on cards instead of the program. */
export function overridesOf(rules: readonly CompiledRule[]) {
  const hints = rules.flatMap(({ name, hint }): [string, string][] => (hint === undefined ? [] : [[name, hint]]))
  const links = rules.flatMap(({ name, link }): [string, LinkTemplate][] => {
    const template = link === undefined ? undefined : parseLinkTemplate(link)
    return template ? [[name, template]] : []
  })
  return { hints: new Map(hints), links: new Map(links) }
}
