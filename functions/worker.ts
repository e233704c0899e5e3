import { systemClock } from '../lib/adapters/clock.ts'
import { loadWorkerConfig } from '../lib/app/config/load.ts'
import { startWorker, type Worker } from '../lib/app/worker.ts'
import about from '../package.json' with { type: 'json' }

// Less than the pod's terminationGracePeriodSeconds (60), more than a batch may take.
const graceMilliseconds = 45_000

process.exitCode = await main()
// kafkajs may leave a socket open, which would keep the process alive.
process.stdout.write('', () => process.exit())

async function main(): Promise<number> {
  try {
    const { config, kafka } = await loadWorkerConfig()
    const worker = await startWorker(config, kafka, { version: about.version })
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop(worker))
    await worker.done
    return 0
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : error}\n`)
    return 1
  }
}

/** Lets the current batch finish. A second signal ends the process at once. */
function stop(worker: Worker) {
  worker.stop()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(1))
  systemClock.after(graceMilliseconds, () => process.exit(1))
}
