import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { parse } from 'yaml'
import { loadWorkerConfig } from '../../lib/app/config/load.ts'
import { run } from '../deploy/run.ts'
import { tableDefinition } from '../support/table.ts'
import { root } from './manifests.ts'

const directory = join(root, 'infra/local')
const file = join(directory, 'compose.yml')
const text = readFileSync(file, 'utf8')

interface Service {
  image?: string
  environment?: Record<string, string>
  depends_on?: Record<string, { condition: string }>
  healthcheck?: object
  volumes?: string[]
  ports?: string[]
}
const services: Record<string, Service> = parse(text, { merge: true }).services

function validate(path: string): Promise<string> {
  return run(`${inject('programs')}check-jsonschema`, ['--builtin-schema', 'vendor.compose-spec', path])
}

test('compose.yml is valid', async () => {
  await validate(file)
})

test('an unknown field is reported', async () => {
  const place = mkdtempSync(join(tmpdir(), 'compose-'))
  const wrong = join(place, 'compose.yml')
  writeFileSync(wrong, text.replace('healthcheck:', 'health_check:'))
  await expect(validate(wrong)).rejects.toThrow()
  rmSync(place, { recursive: true })
})

test('services depend only on existing services', () => {
  for (const { depends_on = {} } of Object.values(services))
    for (const [name, { condition }] of Object.entries(depends_on)) {
      expect(services).toHaveProperty(name)
      if (condition === 'service_healthy') expect(services[name]?.healthcheck).toBeDefined()
    }
  expect(services.worker?.depends_on).toMatchObject({
    topic: { condition: 'service_completed_successfully' },
    table: { condition: 'service_completed_successfully' },
  })
})

test('mounted files exist, images are pinned, and ports are bound to localhost', () => {
  for (const { image, volumes = [], ports = [] } of Object.values(services)) {
    for (const [source = ''] of volumes.map((volume) => volume.split(':')))
      if (source.startsWith('.')) expect(existsSync(join(directory, source)), source).toBe(true)
    if (image) expect(image).toMatch(/:\d+\.\d+\.\d+$/)
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/)
  }
})

test('the table is the same as in infra/aws/template/state.ts', () => {
  const { TableName, ...table } = JSON.parse(readFileSync(join(directory, 'table.json'), 'utf8'))
  expect(table).toEqual(tableDefinition)
  expect(services.worker?.environment?.STATE).toBe(`dynamodb:${TableName}`)
  expect(text).toContain(`--table-name ${TableName} `)
})

test('the worker accepts its settings', async () => {
  const given = { TELEGRAM_BOT_TOKEN: '123456789:AAE-of-a-test-in-the-form-of-one', TELEGRAM_CHAT_ID: '-1001234567890' }
  const { environment = {} } = services.worker ?? {}
  const asked = new Set<string>()
  const tracked = new Proxy({ ...environment, ...given, TZ: 'UTC' } as Record<string, string>, {
    get(target, name: string) {
      asked.add(name)
      return target[name]
    },
  })
  const { config, kafka } = await loadWorkerConfig(tracked)
  expect([...config.warnings, ...kafka.warnings]).toEqual([])
  expect(kafka).toMatchObject({ topics: ['kube-events'], kafka: { brokers: ['kafka:9092'] } })
  expect(Object.keys(environment).filter((name) => !asked.has(name))).toEqual([])
})

test('git ignores the file with the secrets', async () => {
  for (const name of ['TELEGRAM_BOT_TOKEN', 'TELEGRAM_CHAT_ID'])
    expect(services.worker?.environment?.[name]).toMatch(new RegExp(`^\\$\\{${name}:\\?`))
  expect(readFileSync(join(directory, '.env.example'), 'utf8')).toMatch(/^TELEGRAM_BOT_TOKEN=$/m)
  const ignored = await run('git', ['check-ignore', join(directory, '.env')], { cwd: dirname(file) })
  expect(ignored).toContain('.env')
})
