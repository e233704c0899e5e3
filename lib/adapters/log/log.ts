import { isoTime } from '../../core/event/time.ts'
import { type Clock, type Log, type LogFields, type LogLevel, type Measured, metrics } from '../../pipeline/ports.ts'

interface Options {
  level: LogLevel
  clock: Clock
  redact: (text: string) => string
  /** In Lambda only: the dimension of CloudWatch's metrics. */
  functionName?: string | undefined
  /** The id of the invocation that runs, of which there may be several at a time. */
  requestId?: () => string | undefined
  write?: (line: string) => unknown
}

const order: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 }

/**
 * Writes one JSON object per line. Not with console.log: Lambda's runtime replaces it, and puts text before the line or the line into another object
 * (src/logging/log-patch.ts of aws-lambda-nodejs-runtime-interface-client), in which CloudWatch finds no metrics. With the log format JSON, Lambda filters
 * lines on standard output by `level`, but only if `timestamp` is an RFC 3339 time (Lambda Developer Guide, "Log-level filtering").
 */
export function createLog({
  level,
  clock,
  redact,
  functionName,
  requestId = () => undefined,
  write = (line) => process.stdout.write(line),
}: Options): Log {
  let written = { at: 0, timestamp: isoTime(0) }
  const timestampNow = () => {
    const at = clock.now()
    // A batch writes many lines in one millisecond.
    if (at !== written.at) written = { at, timestamp: isoTime(at) }
    return written.timestamp
  }
  const lineOf =
    (at: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      const line = { level: at, timestamp: timestampNow(), requestId: requestId(), message, ...fields }
      write(`${redact(JSON.stringify(line))}\n`)
    }
  const from = (at: LogLevel) => (order[at] >= order[level] ? lineOf(at) : () => {})
  const levels = { debug: from('debug'), info: from('info'), warn: from('warn'), error: from('error') }
  return {
    ...levels,
    summary(message, { measured, fields, isIdle }) {
      // CloudWatch reads the metrics from this line, so LOG_LEVEL does not hide it.
      if (functionName !== undefined)
        lineOf('info')(message, { ...metricFields(measured, functionName, clock.now()), ...fields })
      else levels[isIdle ? 'debug' : 'info'](message, { ...measured, ...fields })
    },
  }
}

/** The fields that make CloudWatch read metrics from a log line (CloudWatch Embedded Metric Format specification). */
function metricFields(measured: Measured, functionName: string, now: number): LogFields {
  return {
    _aws: {
      Timestamp: now,
      CloudWatchMetrics: [
        {
          Namespace: 'KubeEventerTelegram',
          Dimensions: [['FunctionName']],
          Metrics: metrics.filter(({ Name }) => measured[Name] !== undefined),
        },
      ],
    },
    FunctionName: functionName,
    ...measured,
  }
}

/** Writes all lines of one turn of the event loop at once: a batch of 500 records is one write instead of 501. Flushes before the process exits. */
export function gather(write: (text: string) => unknown): (line: string) => void {
  let gathered = ''
  const flush = () => {
    const text = gathered
    gathered = ''
    if (text !== '') write(text)
  }
  process.on('exit', flush)
  return (line) => {
    if (gathered === '') queueMicrotask(flush)
    gathered += line
  }
}
