import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'

interface Report {
  records: number
  shown: number
  shownLater: number
  incidents: number
  incidentsShown: number
  messages: number
  rules: { name: string; records: number; shown: number }[]
}

/** How many records and incidents the default rules show of the recordings, and of the corpus if CORPUS names its folder. */
export async function measureNoise(): Promise<string[]> {
  const corpus = `${process.env.CORPUS}/real-events.jsonl`
  const recordings = ['cluster-mixed', 'cluster-node-not-ready'].map((name) => `test/recordings/${name}.ndjson.gz`)
  const files = [...(existsSync(corpus) ? [corpus] : []), ...recordings]
  const env = { PATH: process.env.PATH ?? '' }
  return files.map((file) => {
    const isCorpus = file === corpus
    const stdout = execFileSync(process.execPath, ['lib/cli/main.ts', 'stats', isCorpus ? '-' : file, '--json'], {
      env,
      encoding: 'utf8',
      ...(isCorpus ? { input: eventsOf(file) } : {}),
    })
    return lineOf(basename(file).replace(/\..*/, ''), JSON.parse(stdout))
  })
}

/** The events of the corpus, which has one `{"event": …}` per line. */
function eventsOf(file: string): string {
  const lines = readFileSync(file, 'utf8').trim().split('\n')
  return lines.map((line) => JSON.stringify(JSON.parse(line).event)).join('\n')
}

function lineOf(
  name: string,
  { records, shown, shownLater, incidents, incidentsShown, messages, rules }: Report,
): string {
  const share = Math.round((100 * (shown + shownLater)) / records)
  const byRule = rules.map((rule) => `${rule.name} ${rule.shown}/${rule.records}`).join(', ')
  return `noise: ${name.padEnd(13)} ${shown + shownLater} of ${records} records shown (${share} %), ${incidentsShown} of ${incidents} incidents in ${messages} messages (a handler that sends each record: ${records} messages, ${Math.ceil(records / 20)} min at Telegram's pace); by rule: ${byRule}`
}
