// npm run pictures: makes the README's pictures from real messages, with a headless Chromium.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { cardOf, incidentOf, samples } from '../../lib/cli/preview/gallery.ts'
import { renderPreview } from '../../lib/cli/preview/page.ts'
import { readBatches } from '../../lib/cli/recording.ts'
import { rehearse } from '../../lib/cli/replay/rehearsal.ts'
import type { KubeEvent } from '../../lib/core/event/event.ts'
import { createRenderer } from '../../lib/core/message/render.ts'
import { en } from '../../lib/core/message/words/en.ts'
import { renderPage } from '../../lib/emulator/view/page.ts'

const browsers = ['chromium', 'chromium-browser', 'google-chrome']
const width = 390
const mostBytes = 300_000

// Without network access, sandbox (which containers lack) and first-run dialogs.
const quietly = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--hide-scrollbars'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync', '--virtual-time-budget=3000'],
]

// A fixed width, because a browser's windows have at least 500 pixels. One colour behind the bubbles, because a gradient makes the file five times
// as large. Only the messages are visible.
const pictureStyle = `<style>
html { width: ${width}px } header, #theme, #stepper, .day { display: none !important } .chat { width: 100%; min-height: 0; background: #b5d0a4 }
.messages, body.stepping .messages { padding: 4px 10px 14px } article { margin-top: 10px } .bubble { box-shadow: none } .avatar { background: #42a7f2 }
</style>`

const folder = mkdtempSync(join(tmpdir(), 'pictures-'))
try {
  const browser = browsers.find((name) => spawnSync(name, ['--version']).status === 0)
  if (browser === undefined) throw new Error(`no browser on the PATH: looked for ${browsers.join(', ')}`)
  for (const [name, page] of [
    ['card', await cardPage()],
    ['chat', await chatPage()],
  ] as const) {
    const picture = fileURLToPath(new URL(`../../.github/${name}.png`, import.meta.url))
    const png = takePicture(browser, page)
    const size = `${picture}: ${Math.ceil(png.length / 1000)} KB`
    if (png.length > mostBytes) throw new Error(`${size}, expected at most ${mostBytes / 1000} KB`)
    writeFileSync(picture, png)
    console.log(size)
  }
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** Three typical incidents. */
async function cardPage(): Promise<string> {
  const timeZone = 'UTC'
  const renderer = createRenderer({ timeZone, words: en })
  const shown = (events: KubeEvent[]) => cardOf('', incidentOf(events, renderer, 'prod-eu'), renderer)
  const cards = [shown(samples.crashLoop), shown(samples.imagePull), shown(samples.nodeNotReady)]
  return (await renderPreview([{ title: 'Cluster alerts', cards }], { title: 'Cards', timeZone, hasCaptions: false }))
    .html
}

/** Two incidents of the demo, with as many edits. */
async function chatPage(): Promise<string> {
  const batches = await readBatches(fileURLToPath(new URL('../batches/eight-minutes.ndjson.gz', import.meta.url)), 100)
  const environment = { CLUSTER_NAME: 'demo', TZ: 'UTC' }
  const { chats } = await rehearse(batches, { environment, mostMinutes: 60 })
  const isChosen = (text: string) => ['shop/search', 'shop/checkout'].some((workload) => text.includes(workload))
  const chosen = [...chats.values()].map((chat) => ({
    ...chat,
    messages: chat.messages.filter(({ text }) => isChosen(text)).slice(0, 2),
  }))
  if (chosen.flatMap(({ messages }) => messages).length < 2) throw new Error('the demo has not the messages to show')
  return renderPage({ chats: chosen })
}

/** A picture of the whole page, as on a phone with a pixel ratio of two. */
function takePicture(browser: string, page: string): Buffer {
  const light = page.replace('<html lang="en">', '<html lang="en" data-theme="light">')
  const file = join(folder, 'page.html')
  const measure =
    '<script>document.title = Math.ceil(document.querySelector("main").getBoundingClientRect().height)</script>'
  writeFileSync(file, light.replace('</head>', `${pictureStyle}</head>`).replace('</body>', `${measure}</body>`))
  const address = pathToFileURL(file).href
  const [, height] =
    /<title>(\d+)<\/title>/.exec(run(browser, ['--dump-dom', `--window-size=${width},800`, address]).toString()) ?? []
  if (height === undefined) throw new Error(`${browser} did not measure the page`)
  const png = join(folder, 'picture.png')
  run(browser, [`--window-size=${width},${height}`, '--force-device-scale-factor=2', `--screenshot=${png}`, address])
  return readFileSync(png)
}

function run(browser: string, args: string[]): Buffer {
  const { status, stdout, stderr } = spawnSync(browser, [
    ...quietly,
    `--user-data-dir=${join(folder, 'profile')}`,
    ...args,
  ])
  if (status !== 0) throw new Error(`${browser}: ended with ${status}\n${stderr}`)
  return stdout
}
