import { type PathProblem, quoted } from '../route/problem.ts'
import type { RoutingFile } from '../route/schema.ts'

/** What only durable state can do. */
export function needState({ quiet = [], heldBack, silence }: RoutingFile): PathProblem[] {
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
    ...(typeof heldBack === 'object'
      ? [{ path: ['heldBack'], given: 'a time', expected: 'STATE=sqlite:… or dynamodb:… for it: not told' }]
      : []),
    ...(silence
      ? [{ path: ['silence'], given: 'a duration', expected: 'STATE=sqlite:… or dynamodb:… for it: not told' }]
      : []),
  ]
}
