// npm run preview: what every kind of event looks like in a chat, as one page. Of the events in CORPUS, else of the project's recordings.
// Needs no network.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { decode } from '../../core/event/decode.ts'
import { type KubeEvent, toEvent } from '../../core/event/event.ts'
import { readRecords } from '../../core/event/record.ts'
import { sha256 } from '../../core/hash.ts'
import { isObject, parseJson } from '../../core/json.ts'
import { parseLinkTemplate } from '../../core/message/link.ts'
import { createRenderer } from '../../core/message/render.ts'
import type { Words } from '../../core/message/words/en.ts'
import { languages } from '../../core/message/words/languages.ts'
import { explanation, UserError } from '../command.ts'
import { readRecording } from '../recording.ts'
import { type Card, cardOf, incidentOf, stages } from './gallery.ts'
import { renderPreview } from './page.ts'

const page = '.demo/preview.html'
const recordings = 'test/recordings'

try {
  const { CORPUS: corpus, CLUSTER_NAME: name, CARD_LANGUAGE: language } = process.env
  const cluster = name || 'prod-eu'
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions()
  const context = { timeZone, words: wordsOf(language || 'en') }
  const renderer = createRenderer(context, sha256)
  const link = parseLinkTemplate('https://grafana.example.com/d/pods?var-namespace={namespace}')
  const events = corpus ? readCorpus(corpus) : readRecordings()
  const cards = onePerKind(events).map((event) => {
    const about = `${event.reason || 'no reason'} · ${event.involvedObject.kind || 'no kind'}`
    return cardOf(about, incidentOf([event], renderer, cluster), renderer)
  })
  const bySeverity = Map.groupBy(cards, ({ severity }) => severity)
  const sections = [
    { title: 'Stages of growth', cards: stages(renderer, createRenderer({ ...context, link }, sha256), cluster) },
    { title: 'Critical', cards: sorted(bySeverity.get('critical')) },
    { title: 'Warning', cards: sorted(bySeverity.get('warning')) },
    { title: 'Notice', cards: sorted(bySeverity.get('info')) },
    { title: 'Good', cards: sorted(bySeverity.get('good')) },
  ]
  const { html, shown } = await renderPreview(sections, { title: 'Preview of all cards', timeZone, hasCaptions: true })
  mkdirSync(dirname(page), { recursive: true })
  writeFileSync(page, html)
  const longest = shown.reduce((a, b) => (b.characters > a.characters ? b : a))
  const mean = Math.round(shown.reduce((sum, { characters }) => sum + characters, 0) / shown.length)
  const counts = sections.map(({ title, cards }) => `${title} ${cards.length}`)
  console.log(`All cards as a chat shows them:  ${join(process.cwd(), page)}

${shown.length} cards: ${counts.join(', ')}
longest: ${longest.caption}
mean: ${mean} characters`)
} catch (error) {
  console.error(explanation(error))
  process.exitCode = 1
}

function wordsOf(language: string): Words {
  const words = Object.entries<Words>(languages).find(([name]) => name === language)?.[1]
  if (words) return words
  throw new UserError(`CARD_LANGUAGE: given "${language}", expected ${Object.keys(languages).join(' or ')}`)
}

function readCorpus(folder: string): KubeEvent[] {
  const file = join(folder, 'real-events.jsonl')
  const events = readText(file)
    .split('\n')
    .flatMap((line) => {
      const value = parseJson(line)
      return (isObject(value) && toEvent(value.event)) || []
    })
  if (events.length === 0) throw new UserError(`CORPUS: no events in ${file}, expected {"event": …} line by line`)
  return events
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'there is no such file' : message
    throw new UserError(`CORPUS: ${file}: ${why}; without CORPUS the preview is of ${recordings}/`)
  }
}

function readRecordings(): KubeEvent[] {
  const files = readdirSync(recordings).filter((file) => file.endsWith('.ndjson.gz'))
  const batches = files.sort().flatMap((file) => readRecording(join(recordings, file), 100))
  return batches
    .flatMap(({ event }) => readRecords(event))
    .flatMap(({ value }) => {
      const decoded = decode(value)
      return 'event' in decoded ? decoded.event : []
    })
}

/** Of each reason and kind the event whose message has the median length. */
function onePerKind(events: KubeEvent[]): KubeEvent[] {
  const groups = Map.groupBy(events, ({ reason, involvedObject }) => JSON.stringify([reason, involvedObject.kind]))
  return [...groups.values()].flatMap((group) => {
    const byLength = group.toSorted((a, b) => a.message.length - b.message.length)
    return byLength[Math.floor((byLength.length - 1) / 2)] ?? []
  })
}

function sorted(cards: Card[] = []): Card[] {
  return cards.toSorted((a, b) => (a.about < b.about ? -1 : 1))
}
