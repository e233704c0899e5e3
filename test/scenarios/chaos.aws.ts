import { inject, it } from 'vitest'
import { afterChaos } from '../support/chaos.ts'
import { expectOrder } from '../support/chaos-expected.ts'
import { disorderlyTables } from '../support/disorder-aws.ts'

const { SEED, SEEDS = 4 } = process.env
const seeds = SEED ? [Number(SEED)] : Array.from({ length: Number(SEEDS) }, (_, index) => index + 1)
const newState = disorderlyTables(inject('aws'), 'chaos')

it.each(seeds)(
  'SEED=%i npx vitest run --config vitest.aws.config.ts test/scenarios/chaos.aws.ts: nothing is lost, doubled or sent over a limit, with DynamoDB',
  (seed) => afterChaos(seed, newState, expectOrder),
  300_000,
)
