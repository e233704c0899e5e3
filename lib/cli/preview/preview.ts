// npm run preview: a page with a card for every kind of event. The events are those in CORPUS, or else those of the project's recordings.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type KubeEvent, toEvent } from '../../core/event/event.ts'
import { fieldsOf } from '../../core/event/fields.ts'
import { parseJson } from '../../core/json.ts'
import { parseLinkTemplate } from '../../core/message/link.ts'
import { createRenderer } from '../../core/message/render.ts'
import { languages } from '../../core/message/words/languages.ts'
import { explanation } from '../command.ts'
import { configureInspection } from '../configuration.ts'
import { readWholeInput } from '../inspect/input.ts'
import { readLines } from '../inspect/lines.ts'
import { openTools } from '../inspect/tools.ts'
import { type Card, cardOf, incidentOf, stages } from './gallery.ts'
import { renderPreview } from './page.ts'

const page = '.demo/preview.html'
const recordings = 'test/recordings'

try {
  const { config } = await configureInspection(process.env, { file: undefined, readsState: false })
  const { route, renderer } = openTools(config)
  const { timeZone, language, cluster = 'prod-eu' } = config
  const link = parseLinkTemplate('https://grafana.example.com/d/pods?var-namespace={namespace}')
  const linked = createRenderer({ timeZone, words: languages[language], link })

  const cards = onePerKind(await readEvents(process.env.CORPUS)).map((event) => {
    const about = `${event.reason || 'no reason'} · ${event.involvedObject.kind || 'no kind'}`
    const isShown = route(event, cluster, event.at ?? 0).ruling.action === 'show'
    return { isShown, card: cardOf(about, incidentOf([event], renderer, cluster), renderer) }
  })
  const pick = (isWanted: (one: (typeof cards)[number]) => boolean) => sorted(cards.filter(isWanted))
  const sections = [
    { title: 'Critical', cards: pick(({ isShown, card }) => isShown && card.severity === 'critical') },
    { title: 'Warning', cards: pick(({ isShown, card }) => isShown && card.severity === 'warning') },
    { title: 'Info', cards: pick(({ isShown, card }) => isShown && card.severity === 'info') },
    { title: 'Good', cards: pick(({ isShown, card }) => isShown && card.severity === 'good') },
    { title: 'How a card grows', cards: stages(renderer, linked, cluster) },
    { title: 'Suppressed by the rules', cards: pick(({ isShown }) => !isShown) },
  ].filter((section) => section.cards.length > 0)

  const { html, shown } = await renderPreview(sections, { title: 'Preview of all cards', timeZone, hasCaptions: true })
  mkdirSync(dirname(page), { recursive: true })
  writeFileSync(page, html)
  const longest = shown.reduce((a, b) => (b.characters > a.characters ? b : a))
  const mean = Math.round(shown.reduce((sum, { characters }) => sum + characters, 0) / shown.length)
  const counts = sections.map(({ title, cards: all }) => `${title} ${all.length}`)
  console.log(`All cards as a chat shows them:  ${join(process.cwd(), page)}

${shown.length} cards: ${counts.join(', ')}
longest: ${longest.caption}
mean: ${mean} characters`)
} catch (error) {
  console.error(explanation(error))
  process.exitCode = 1
}

async function readEvents(corpus: string | undefined): Promise<KubeEvent[]> {
  if (corpus) return readCorpus(join(corpus, 'real-events.jsonl'))
  const files = readdirSync(recordings)
    .filter((file) => file.endsWith('.ndjson.gz'))
    .map((file) => join(recordings, file))
  const records = await Promise.all(files.sort().map(readWholeInput))
  return records.flat().flatMap(({ decoded }) => ('event' in decoded ? decoded.event : []))
}

/** Each line is `{"event": <Event>}`. */
async function readCorpus(file: string): Promise<KubeEvent[]> {
  const events: KubeEvent[] = []
  for await (const lines of readLines(file, file))
    events.push(...lines.flatMap((line) => toEvent(fieldsOf(parseJson(line)).event) ?? []))
  return events
}

/** For each reason and kind, the event whose message has the median length. */
function onePerKind(events: KubeEvent[]): KubeEvent[] {
  const groups = Map.groupBy(events, ({ reason, involvedObject }) => JSON.stringify([reason, involvedObject.kind]))
  return [...groups.values()].flatMap((group) => {
    const byLength = group.toSorted((a, b) => a.message.length - b.message.length)
    return byLength[Math.floor((byLength.length - 1) / 2)] ?? []
  })
}

function sorted(cards: readonly { card: Card }[]): Card[] {
  return cards.map(({ card }) => card).sort((a, b) => (a.about < b.about ? -1 : 1))
}
