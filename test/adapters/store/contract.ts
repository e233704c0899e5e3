import { afterAll, beforeAll, beforeEach, describe } from 'vitest'
import type { Store } from '../../../lib/pipeline/ports.ts'
import { type Bench, benchOf, hour, type Place } from './bench.ts'
import { specifyDocuments } from './contract-documents.ts'
import { promisesOfReading } from './contract-reading.ts'
import { promisesOfTheRest } from './contract-rest.ts'
import { promisesOfWriting } from './contract-writing.ts'
import { keyOf, testClock } from './incidents.ts'
import { behavesLikeTheModel } from './model.ts'

export interface ContractOptions {
  /** Of the clock. */
  start?: number
  /** How many random ones are tried. */
  histories?: number
}

/** What every store promises. All tests share one place, with keys of their own. */
export function storeContract(
  name: string,
  openPlace: () => Promise<Place> | Place,
  { start, histories = 100 }: ContractOptions = {},
) {
  describe(name, () => {
    const clock = testClock(start)
    let place: Place
    let store: Store
    let other: Store
    let bench: Bench
    let tests = 0
    beforeAll(async () => {
      place = await openPlace()
      store = await place.connect(clock)
      other = await place.connect(clock)
    })
    afterAll(async () => {
      store.close()
      other.close()
      await place.close()
    })
    beforeEach(() => {
      tests += 1
      // What other tests have left is expired, so nothing of it is due or pending.
      clock.pass(1_000 * hour)
      bench = benchOf({ place, store, other, clock, key: keyOf(`test ${tests}`) })
    })

    promisesOfWriting(() => bench)
    promisesOfReading(() => bench)
    promisesOfTheRest(() => bench)
    specifyDocuments(() => bench)
    behavesLikeTheModel(() => store, clock, histories)
  })
}
