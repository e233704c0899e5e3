// npm run bench: prints each figure beside its goal. Exit code 1 only where a figure misses half of its goal, since machines are noisy.
import { measureDecode } from './decode.ts'
import { measureMemory } from './memory.ts'
import { measureNoise } from './noise.ts'
import { measureRules } from './rules.ts'
import { measureFirstByte, measureLoad } from './start.ts'
import { measureState } from './state.ts'

const load = await measureLoad()
const firstByte = await measureFirstByte()
const decode = await measureDecode()
const rules = await measureRules()
const memory = await measureMemory()
const state = await measureState()

interface Figure {
  name: string
  value: number
  unit: string
  /** At most this much, or at least. */
  goal?: { most: number } | { least: number }
  /** What fails, if it is not twice the goal, or half of it. */
  limit?: number
  note: string
}

const figures: Figure[] = [
  { name: 'bundle', value: load.bytes / 1_000, unit: 'KB', goal: { most: 450 }, note: 'minified, without source map' },
  {
    name: 'load',
    value: load.ratio,
    unit: '× its libraries alone',
    goal: { most: 1.5 },
    // Far from it: what is compiled is mostly our own.
    limit: 6,
    note: `${ms(load.milliseconds)} against ${ms(load.librariesAlone)}`,
  },
  {
    name: 'start to first byte',
    value: firstByte.ratio,
    unit: '× a process with node:https alone',
    note: `${ms(firstByte.milliseconds)} against ${ms(firstByte.bareMilliseconds)}`,
  },
  {
    name: '… with CONFIG_FILE',
    value: firstByte.withFile - firstByte.milliseconds,
    unit: 'ms more',
    note: `40 rules: ${ms(firstByte.withFile)}; parsed when it is packaged: ${ms(firstByte.parsedBefore)}`,
  },
  {
    name: 'decode + rules',
    value: rules.shown.ratio,
    unit: '× the speed of base64 + JSON.parse twice',
    goal: { least: 0.35 },
    note: `200 rules, and the card of what they show: ${rules.shown.microseconds.toFixed(1)} µs a record, ${rules.name}`,
  },
  {
    name: '… without cards',
    value: rules.many.ratio,
    unit: '× the same',
    note: `${us(rules.many)}; with the defaults alone ${us(rules.few)}, decoding alone ${us(rules.decode)}`,
  },
  {
    name: 'decode + format',
    value: decode.card.ratio,
    unit: '× the speed of base64 + JSON.parse twice',
    goal: { least: 0.4 },
    note: `${decode.card.microseconds.toFixed(1)} µs against ${decode.bareMicroseconds.toFixed(1)} µs a record, ${decode.name}`,
  },
  {
    name: '… with hashes',
    value: decode.all.ratio,
    unit: '× the same',
    note: `${decode.all.microseconds.toFixed(1)} µs a record`,
  },
  {
    name: 'memory',
    value: memory.megabytes,
    unit: 'MB',
    goal: { most: 128 },
    note: `peak, batch of ${(memory.bytes / 1e6).toFixed(1)} MB, ${memory.records} records`,
  },
]

for (const { name, value, unit, goal, note } of figures) {
  console.log(
    `${name.padEnd(20)} ${value.toFixed(2).padStart(7)} ${unit}${goal ? `  (goal: ${goalText(goal)})` : ''}  ${note}`,
  )
}

const { calls, requests } = state
const written = ['merges', 'claims', 'ends', 'slots'].map((name) => `${calls[name]} ${name}`).join(', ')
console.log(
  `state                100 recorded records: ${calls['items read']} items read; written: ${written}; ${requests} requests`,
)

for (const line of await measureNoise()) console.log(line)

const missed = figures.filter(
  ({ value, goal, limit }) =>
    goal && ('most' in goal ? value > (limit ?? 2 * goal.most) : value < (limit ?? goal.least / 2)),
)
if (missed.length > 0) {
  console.error(`missed by far: ${missed.map(({ name }) => name).join(', ')}`)
  process.exitCode = 1
}

function goalText(goal: NonNullable<Figure['goal']>): string {
  return 'most' in goal ? `at most ${goal.most}` : `at least ${goal.least}`
}

function us({ microseconds }: { microseconds: number }): string {
  return `${microseconds.toFixed(1)} µs`
}

function ms(milliseconds: number): string {
  return `${milliseconds.toFixed(1)} ms`
}
