// npm run bench: prints each figure with its goal and its baseline. The exit code is 1 only if a figure misses its goal by far, because
// machines are noisy. Takes three minutes.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import { measureGrowth } from './growth.ts'
import { measureMemory } from './memory.ts'
import { measureNoise } from './noise.ts'
import { measureRecord } from './record.ts'
import { measureStart } from './start.ts'
import { measureState } from './state.ts'
import { measureWait } from './wait.ts'

interface Figure {
  name: string
  value: number
  unit: string
  /** At most this much. */
  goal?: number
  /** The run fails above this value. Twice the goal unless given. */
  limit?: number
  note: string
}

// As in serverless.yml.
const megabytes = 256
const figures: Figure[] = []

function tell(...found: Figure[]) {
  figures.push(...found)
  for (const { name, value, unit, goal, note } of found)
    console.log(
      `${name.padEnd(28)} ${value.toFixed(2).padStart(8)} ${unit}${goal === undefined ? '' : `  (goal: at most ${goal})`}  ${note}`,
    )
}

const start = await measureStart()
const size = start.isLimited
  ? `with the CPU of ${megabytes} MB`
  : 'with the whole machine, because no cgroup can be created here'
tell(
  { name: 'bundle', value: start.bytes / 1_000, unit: 'KB', goal: 450, note: 'minified, without source map' },
  {
    name: 'load',
    value: start.load.ratio,
    unit: '× its libraries alone',
    goal: 1.5,
    note: `${ms(start.load.milliseconds)} against ${ms(start.load.libraries)} of CPU; processing the example record at start takes ${ms(start.load.example)} more`,
  },
  {
    name: 'first record',
    value: start.firstByte.ratio,
    unit: '× a bare request by node:https',
    goal: 1.5,
    note: `${ms(start.firstByte.milliseconds)} against ${ms(start.firstByte.bare)} from the first invocation to the first byte at Telegram, ${size}`,
  },
  {
    name: '… with 40 rules',
    value: start.rules.packaged,
    unit: 'ms more CPU time to load',
    goal: 5,
    limit: 20,
    note: `if CONFIG_FILE was read when it was packaged; ${ms(start.rules.yaml)} if it is read at start, as in a worker`,
  },
)

const record = await measureRecord()
const python = Number.isFinite(record.python.ratio)
  ? `, and ${us(record.python.microseconds)} of a Python script that does the same (${record.python.ratio.toFixed(2)} ×)`
  : '; Python is not installed'
tell({
  name: 'a record',
  value: record.naive.ratio,
  unit: '× a handler that parses and fills in a text',
  note: `200 rules and the card: ${us(record.microseconds)} against ${us(record.naive.microseconds)}${python}; ${record.name}`,
})

for (const { what, unit, few, many, ratio, microseconds } of await measureGrowth())
  tell({
    name: `${few} → ${many} ${what}`,
    value: ratio,
    unit: `× for ${unit}`,
    goal: 1.5,
    note: `${us(microseconds.few)}, then ${us(microseconds.many)}`,
  })

if (existsSync('test/bench/storm.ts')) {
  const { stdout } = await promisify(execFile)(process.execPath, ['test/bench/storm.ts'])
  process.stdout.write(stdout)
}

// These measurements mostly wait.
const [wait, usual, several] = await Promise.all([
  measureWait(),
  measureMemory({ megabytes, records: Infinity, bytes: 1_300, targets: 1, state: 'sqlite' }),
  measureMemory({ megabytes, records: 6_500, bytes: 100, targets: 3, state: 'memory' }),
])
tell(
  {
    name: 'wait behind a batch',
    value: wait,
    unit: 's',
    goal: 10,
    // Eighteen messages at Telegram's pace take 19 s.
    limit: 25,
    note: 'until a critical event right after 60 new incidents is shown',
  },
  ...[usual, several].map((peak, index) => ({
    name: index === 0 ? 'memory' : '… at its most',
    value: peak.megabytes ?? Infinity,
    unit: 'MB',
    goal: megabytes,
    limit: megabytes,
    note: `${peak.records} records, ${peak.payload.toFixed(1)} MB of payload, ${index === 0 ? 'one target, STATE=sqlite' : 'three targets, STATE=memory, as much as infra/aws/config-file.ts allows'}; ${peak.isLimited ? `in a cgroup of ${megabytes} MB` : 'with the whole memory of the machine, because no cgroup can be created here'}`,
  })),
)

const { calls, requests } = await measureState()
const written = ['merges', 'leases', 'results', 'slots'].map((name) => `${calls[name]} ${name}`).join(', ')
console.log(
  `${'state'.padEnd(28)} 100 recorded records: ${calls['items read']} items read; written: ${written}; ${requests} requests`,
)
for (const line of await measureNoise()) console.log(line)

const missed = figures.filter(({ value, goal, limit }) => goal !== undefined && !(value <= (limit ?? 2 * goal)))
if (missed.length > 0) {
  console.error(`missed by far: ${missed.map(({ name }) => name).join(', ')}`)
  process.exitCode = 1
}

function us(microseconds: number): string {
  return `${microseconds < 100 ? microseconds.toPrecision(2) : Math.round(microseconds)} µs`
}

function ms(milliseconds: number): string {
  return `${milliseconds.toFixed(1)} ms`
}
