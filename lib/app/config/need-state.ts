import { type PathProblem, quoted } from '../../core/routing/problem.ts'
import type { RoutingFile } from '../../core/routing/schema.ts'

/** What only durable state can do. */
export function needState({ quiet = [], suppressed, watchdog }: RoutingFile): PathProblem[] {
  const path = (index: number) => ['quiet', index]
  return [
    ...quiet.flatMap(({ action }, index) =>
      action === 'hold'
        ? [
            {
              path: path(index),
              key: 'action',
              given: quoted(action),
              expected: 'STATE=sqlite:… or dynamodb:… for it: sent without a sound',
            },
          ]
        : [],
    ),
    ...(typeof suppressed === 'object'
      ? [{ path: ['suppressed'], given: 'a time', expected: 'STATE=sqlite:… or dynamodb:… for it: not told' }]
      : []),
    ...(watchdog
      ? [{ path: ['watchdog'], given: 'a duration', expected: 'STATE=sqlite:… or dynamodb:… for it: not told' }]
      : []),
  ]
}
