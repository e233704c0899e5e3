import { isLoud } from '../event/severity.ts'
import type { Button } from '../incident/incident.ts'
import type { View } from '../incident/view.ts'
import { commandOf, labelOf } from './command.ts'
import { hintOf } from './hints.ts'
import { type LinkTemplate, linkButton } from './link.ts'

/** What a card has below it: the command to look further where there is something to look for, and the configured link. */
export function buttonsOf(view: View, link: LinkTemplate | undefined): Button[] {
  // What the program says of itself is in no cluster.
  if (view.identity.cluster === '') return []
  const hint = hintOf(view)
  const command = hint || isLoud(view.severity) ? commandOf(hint?.command ?? 'describe', view) : undefined
  const copy = command === undefined ? undefined : { text: labelOf(command), copy: command }
  return [copy, link && linkButton(link, view)].filter((button) => button !== undefined)
}
