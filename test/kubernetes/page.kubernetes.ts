import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import about from '../../package.json' with { type: 'json' }
import { run } from '../deploy/run.ts'
import { build, folder, root } from './manifests.ts'

const page = readFileSync(join(root, 'docs/kubernetes.md'), 'utf8')
const directory = mkdtempSync(join(tmpdir(), 'page-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** The program's command line, like in the image. */
function program(...words: string[]): Promise<string> {
  const environment = { CLUSTER_NAME: 'minikube', TELEGRAM_CHAT_ID: '-1001234567890' }
  return run(process.execPath, [join(root, 'lib/cli/main.ts'), ...words], {
    env: { PATH: process.env.PATH, ...environment },
  })
}

test('the folders on the page can be built', async () => {
  const folders = new Set([...page.matchAll(/ -k infra\/kubernetes\/([\w/-]+)/g)].map(([, name = '']) => name))
  expect(folders.size).toBe(4)
  for (const name of folders) expect(await build(name)).toContain('kind:')
})

test('the objects on the page exist in the manifests', async () => {
  const manifests = await build('minikube')
  const named = [...page.matchAll(/\b(deployment|statefulset|job)\/([\w-]+)/g)]
  for (const [, kind = '', name = ''] of named)
    expect(manifests.toLowerCase()).toMatch(new RegExp(`kind: ${kind}\\nmetadata:\\n {2}name: ${name}\\n`))
})

test('the program’s commands have the options on the page', async () => {
  const commands = [...page.matchAll(/-- kube-eventer-telegram ([\w-]+)([^`\n]*)/g)]
  expect(commands.length).toBeGreaterThan(4)
  for (const [, command = '', rest = ''] of commands) {
    const help = await program(command, '--help')
    expect(help, command).toContain(`kube-eventer-telegram ${command}`)
    for (const [option] of rest.matchAll(/--[\w-]+/g)) expect(help).toContain(option)
  }
})

test('the page builds the image tag of the manifests', () => {
  expect(page).toContain(`-t kube-eventer-telegram:${about.version} -f infra/kubernetes/Dockerfile .`)
})

test('the page names the metrics of the alerts', () => {
  const alerts = readFileSync(`${folder}examples/alerts.yml`, 'utf8')
  for (const [metric] of page.matchAll(/kube_eventer_telegram_\w+/g)) expect(alerts).toContain(metric)
  const named = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, alert]) => alert)
  expect(named).toEqual([...alerts.matchAll(/alert: (\w+)/g)].map(([, alert]) => alert))
})

test('the card on the page is what the program shows for that pod', async () => {
  const file = join(directory, 'batch.json')
  writeFileSync(file, JSON.stringify(batchOf(missingImage)))
  const chat = await program('replay', file)
  const card = /```\n(▌[^`]*)```/.exec(page)?.[1]
  expect(chat).toContain(card)
})

const image = 'ghcr.io/nobody/does-not-exist:1'
const cause = `failed to pull and unpack image "${image}": failed to resolve reference "${image}": failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://ghcr.io/token?scope=repository%3Anobody%2Fdoes-not-exist%3Apull&service=ghcr.io: 403 Forbidden`
const missingImage = [
  ['Normal', 'Pulling', `Pulling image "${image}"`],
  ['Warning', 'Failed', `Failed to pull image "${image}": ${cause}`],
  ['Warning', 'Failed', 'Error: ErrImagePull'],
  ['Normal', 'BackOff', `Back-off pulling image "${image}"`],
  ['Warning', 'Failed', 'Error: ImagePullBackOff'],
] as const

/** kube-eventer's record of a kubelet's event about a missing image. */
function batchOf(events: typeof missingImage) {
  const time = '2026-11-25T09:30:07Z'
  const records = events.map(([type, reason, message], offset) => {
    const event = {
      metadata: {
        name: `broken.${offset}`,
        namespace: 'default',
        uid: `u${offset}`,
        resourceVersion: `${500 + offset}`,
      },
      involvedObject: { kind: 'Pod', namespace: 'default', name: 'broken', uid: 'u', apiVersion: 'v1' },
      ...{ reason, message, type, count: 1, eventTime: null, firstTimestamp: time, lastTimestamp: time },
      ...{
        source: { component: 'kubelet', host: 'minikube' },
        reportingComponent: 'kubelet',
        reportingInstance: 'minikube',
      },
    }
    const value = { EventValue: JSON.stringify(event), EventTimestamp: time, EventTags: {} }
    const place = { topic: 'kube-events', partition: 0, offset, timestamp: -1, timestampType: 'CREATE_TIME' }
    return { ...place, value: Buffer.from(JSON.stringify(value)).toString('base64'), headers: [] }
  })
  return { eventSource: 'SelfManagedKafka', bootstrapServers: 'kafka:9092', records: { 'kube-events-0': records } }
}
