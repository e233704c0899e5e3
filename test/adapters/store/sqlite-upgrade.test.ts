import { expect, it } from 'vitest'
import { bodyText } from '../../../lib/adapters/store/size.ts'
import { readChat } from '../../../lib/pipeline/ports.ts'
import { bodyOf, deadLetter, keyOf, leaseOf, readAllDue, suppressed, testClock } from './incidents.ts'
import { runModule } from './process.ts'
import { openPlace } from './sqlite-place.ts'

const { file, connect, openRaw } = openPlace()
const expiresAt = testClock().now() + 3_600_000

/** What version 0.1.0 made, word for word. */
const layout1 = `
  CREATE TABLE incidents (
    key TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    body TEXT NOT NULL,
    merged TEXT,
    deliveryState TEXT NOT NULL,
    lease TEXT,
    claim_token TEXT,
    target TEXT NOT NULL,
    severity TEXT NOT NULL,
    pending_since INTEGER,
    due INTEGER,
    expires_at INTEGER
  ) STRICT;
  CREATE INDEX incidents_due ON incidents (due) WHERE due IS NOT NULL;
  CREATE INDEX incidents_pending ON incidents (pending_since, expires_at) WHERE pending_since IS NOT NULL;
  CREATE INDEX incidents_expired ON incidents (expires_at) WHERE expires_at IS NOT NULL;

  CREATE TABLE chats (
    name TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    value TEXT NOT NULL
  ) STRICT;

  CREATE TABLE dead-letters (
    id TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX dead_letters_expired ON dead_letters (expires_at);

  PRAGMA user_version = 1;
`

const record = deadLetter('000000000000000a', { at: 1, expiresAt })

/** A file of layout 1 with an pending and leased incident, a chat and a record in deadLetters; as another program that goes on using it. */
function openOld() {
  const old = openRaw()
  old.exec('PRAGMA auto_vacuum = INCREMENTAL')
  old.exec('PRAGMA journal_mode = WAL')
  old.exec(layout1)
  const { body, merged } = bodyText(bodyOf())
  old
    .prepare("INSERT INTO incidents VALUES (?, 3, 5, ?, ?, '{\"older\":[]}', ?, 'a', '-100', 'warning', 7, 8, ?)")
    .run(keyOf(1), body, merged, JSON.stringify(leaseOf('a')), expiresAt)
  old.prepare("INSERT INTO chats VALUES ('-100', 2, ?)").run('{"slots":[],"coolDownUntil":5,"threadless":[]}')
  old.prepare('INSERT INTO dead_letters VALUES (?, ?, 1, ?)').run(record.id, JSON.stringify(record), expiresAt)
  return old
}

const kept = {
  ...{ ...bodyOf(), key: keyOf(1), version: 3, revision: 5, older: [] },
  ...{ lease: leaseOf('a'), pendingSince: 7, due: 8, expiresAt },
}

const sizes = `SELECT
  (SELECT count(*) FROM incidents) AS incidents, (SELECT count(*) FROM chats) AS chats,
  (SELECT count(*) FROM dead_letters) AS dead_letters`

it('a file of layout 1 keeps all that is in it, and counts from then on', async () => {
  openOld()
  const store = connect()
  expect((await store.readIncidents([keyOf(1)])).get(keyOf(1))).toEqual(kept)
  expect(await store.countPending()).toEqual({ count: 1, since: 7 })
  expect(await readAllDue(store, 8, 10)).toMatchObject([{ key: keyOf(1), due: 8 }])
  expect(await readChat(store, '-100')).toMatchObject({ version: 2, value: { coolDownUntil: 5 } })
  expect(await store.deadLetters.list(2)).toEqual([record])
  expect(await store.listCounters()).toEqual([])
  expect(await store.saveCounter('events-0', suppressed(1), 0, expiresAt)).toEqual({ version: 1 })
  expect(await connect().listCounters()).toEqual([suppressed(1)])
  expect(openRaw().prepare('PRAGMA user_version').get()).toEqual({ user_version: 4 })
})

/** What came before clusters were remembered, word for word. */
const layout2 = `
  CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    value TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX counters_expired ON counters (expires_at);

  PRAGMA user_version = 2;
`

it('a file of layout 2 keeps its counters, too, and remembers clusters from then on', async () => {
  const old = openOld()
  old.exec(layout2)
  old.prepare("INSERT INTO counters VALUES ('events-0', 4, ?, ?)").run(JSON.stringify(suppressed(1)), expiresAt)
  const store = connect()
  expect((await store.readIncidents([keyOf(1)])).get(keyOf(1))).toEqual(kept)
  expect(await store.readCounters(['events-0'])).toEqual(new Map([['events-0', { version: 4, value: suppressed(1) }]]))
  expect(await store.listSeen()).toEqual([])
  expect(await store.saveSeen({ cluster: 'prod', at: 1 }, 0, expiresAt)).toEqual({ version: 1 })
  expect(await connect().listSeen()).toEqual([{ version: 1, value: { cluster: 'prod', at: 1 } }])
  expect(openRaw().prepare('PRAGMA user_version').get()).toEqual({ user_version: 4 })
})

it('a file made anew is no other than one that was changed in place', () => {
  const words = 'SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name'
  const old = openOld()
  connect()
  const changed = old.prepare(words).all()
  const other = `${file()}-new`
  connect(other)
  old.prepare('ATTACH ? AS new').run(other)
  expect(old.prepare(words.replace('sqlite_schema', 'new.sqlite_schema')).all()).toEqual(changed)
})

it('an older program that has the file open goes on with it', async () => {
  const old = openOld()
  const read = old.prepare(sizes)
  const write = old.prepare('UPDATE incidents SET revision = revision + 1 WHERE key = ? RETURNING revision')
  expect(read.get()).toEqual({ incidents: 1, chats: 1, deadLetters: 1 })
  const store = connect()
  await store.saveCounter('events-0', suppressed(1), 0, expiresAt)
  expect(write.all(keyOf(1))).toEqual([{ revision: 6 }])
  expect(read.get()).toEqual({ incidents: 1, chats: 1, deadLetters: 1 })
  expect((await store.readIncidents([keyOf(1)])).get(keyOf(1))).toMatchObject({ revision: 6 })
})

it('several processes may change it at the same moment', { timeout: 60_000 }, async () => {
  openOld()
  const outputs = await Promise.all(
    Array.from({ length: 6 }, (_, index) =>
      runModule(`
        import { sqliteStore } from './lib/adapters/store/sqlite.ts'
        import { suppressed, testClock } from './test/adapters/store/incidents.ts'
        const store = sqliteStore(${JSON.stringify(file())}, { clock: testClock() })
        await store.saveCounter('events-${index}', suppressed(${index}), 0, ${expiresAt})
        console.log(JSON.stringify(await store.countPending()))
        store.close()`),
    ),
  )
  expect(outputs.map((output) => output.trim())).toEqual(Array.from({ length: 6 }, () => '{"count":1,"since":7}'))
  expect((await connect().listCounters()).map(({ offset }) => offset).sort()).toEqual([0, 1, 2, 3, 4, 5])
})

it('a file that could not be changed is as it was', () => {
  const old = openOld()
  old.exec('CREATE TABLE counters_expired (a)')
  expect(connect).toThrow(/^the state can't be kept in .*: there is already a table named counters_expired$/)
  expect(old.prepare("SELECT count(*) AS count FROM sqlite_schema WHERE name = 'counters'").get()).toEqual({ count: 0 })
  expect(old.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1 })
  old.exec('DROP TABLE counters_expired')
  connect()
  expect(old.prepare(sizes).get()).toEqual({ incidents: 1, chats: 1, deadLetters: 1 })
})
