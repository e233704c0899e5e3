import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { type AppOptions, chatId, startApp, type TestApp } from './app.ts'
import { crashLoop } from './records.ts'

export const startAt = Date.parse('2026-11-24T00:00:00Z')

/** Starts apps with an SQLite file each, or a shared one. They are closed and removed after each test. */
export function openApps() {
  const apps: TestApp[] = []
  const folders: string[] = []
  afterEach(async () => {
    for (const app of apps.splice(0).reverse()) await app.close()
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
  })

  function newFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'crashes-'))
    folders.push(folder)
    return folder
  }

  async function start({ environment = {}, ...options }: AppOptions = {}, folder = newFolder()): Promise<TestApp> {
    const state = { STATE: `sqlite:${join(folder, 'state.db')}` }
    const app = await startApp({ ...options, environment: { ...state, ...environment } })
    apps.push(app)
    return app
  }
  return { start, newFolder }
}

/** A record of a crash loop in virtual time. */
export const crash = crashLoop(startAt)

/** A forged record in which every text is longer than any real one. Those of numbers below 400 are of one incident. */
export function hugeCrash(number: number, at: number) {
  const big = '&'.repeat(500)
  const letters = 'bcdfghjklmnpqrstvwxz'
  const pod = `${'w'.repeat(236)}-7d9f8c6b5-x2k${letters[number % 20]}${letters[Math.floor(number / 20)]}`
  return crash(number, {
    at,
    pod,
    count: 2 ** 31 - 1 - number,
    fields: {
      metadata: { name: `${pod}${big}`, namespace: big, uid: big, resourceVersion: '9'.repeat(20) },
      involvedObject: { kind: 'Pod', namespace: big, name: pod, fieldPath: `spec.containers{${big.slice(0, 270)}}` },
      ...{ reason: big, type: big, action: big, message: big.repeat(10), reportingInstance: big },
      ...{ related: { kind: big, namespace: big, name: big }, source: { component: big, host: `${number}${big}` } },
    },
  })
}

/** The visible texts, in order. */
export function textsIn({ emulator }: TestApp, chat = chatId): string[] {
  return emulator.messages(chat).map(({ text }) => text)
}

/** Outcomes without partition and offset. */
export function endsOf(app: TestApp): string[] {
  return app.outcomes().map((line) => line.replace(/^\S+ /, ''))
}
