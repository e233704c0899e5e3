import type { Conditions } from '../../core/routing/compiled.ts'
import { covers } from '../../core/routing/covers.ts'
import { type Path, type PathProblem, placeOf, quoted } from '../../core/routing/problem.ts'

/** False where something was wrong already, so that what is there now may not be what was meant. */
export type IsSound = (path: Path) => boolean

interface Kind<Item> {
  isSound: IsSound
  why: (item: Item) => string | undefined
  /** True for what lets others be asked although it matched. */
  letsOthers?: (item: Item) => boolean
}

/** What no event can match, and what one before it has taken already. */
export function impossible<Item extends Conditions>(
  section: string,
  items: readonly Item[],
  { isSound, why, letsOthers = () => false }: Kind<Item>,
): PathProblem[] {
  // What was mended may match more or less than was meant.
  const isAsMeant = (index: number) => conditionKeys.every((key) => isSound([section, index, key]))
  return items.flatMap((item, index) => {
    if (!isAsMeant(index)) return []
    const path = [section, index]
    const given = 'name' in item && isSound([...path, 'name']) ? quoted(item.name) : `a ${section.slice(0, -1)}`
    const missing = why(item)
    if (missing !== undefined) return [{ path, given, expected: `what an event can match; ${missing}` }]
    const earlier = items.findIndex(
      (other, before) => before < index && !letsOthers(other) && isAsMeant(before) && covers(other, item),
    )
    if (earlier < 0) return []
    const first = placeOf([section, earlier])
    return [{ path, given, expected: `what can be reached; ${first} matches all that it matches` }]
  })
}

const conditionKeys = ['match', 'except', 'continue']
