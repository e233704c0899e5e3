import type { Button } from '../incident/incident.ts'
import type { View } from '../incident/view.ts'
import { commandOf, labelOf } from './command.ts'
import { hintOf } from './hints.ts'
import { type LinkTemplate, linkButton } from './link.ts'

/** What a card has below it: the command to look further, and the configured link. Good news needs no command. */
export function buttonsOf(view: View, link: LinkTemplate | undefined): Button[] {
  const command = view.severity === 'good' ? undefined : commandOf(hintOf(view)?.command ?? 'describe', view)
  const copy = command === undefined ? undefined : { text: `📋 ${labelOf(command)}`, copy: command }
  return [copy, link && linkButton(link, view)].filter((button) => button !== undefined)
}
