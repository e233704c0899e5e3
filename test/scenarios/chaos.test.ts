import { it } from 'vitest'
import { afterChaos } from '../support/chaos.ts'
import { expectOrder } from '../support/chaos-expected.ts'
import { disorderlySqlite } from '../support/disorder.ts'

// More of them with SEEDS=300; one of them alone as its name says.
const { SEED, SEEDS = 20 } = process.env
const seeds = SEED ? [Number(SEED)] : Array.from({ length: Number(SEEDS) }, (_, index) => index + 1)

it.each(seeds)(
  'SEED=%i npx vitest run test/scenarios/chaos.test.ts: in the end everything is shown once, every chat got its messages, and no limit was exceeded',
  (seed) => afterChaos(seed, disorderlySqlite, expectOrder),
  60_000,
)
