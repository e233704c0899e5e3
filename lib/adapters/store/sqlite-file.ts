import { closeSync, openSync } from 'node:fs'
import { resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StateUnavailable } from '../../pipeline/ports.ts'
import { networkFileSystemAt } from './file-system.ts'

// What leads from each layout to the next. One that was ever released is never changed: files of it are out there.
const steps = [
  `
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

  CREATE TABLE dead_letters (
    id TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX dead_letters_expired ON dead_letters (expires_at);
  `,
  `
  CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    value TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX counters_expired ON counters (expires_at);
  `,
  `
  CREATE TABLE seen (
    name TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    value TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX seen_expired ON seen (expires_at);
  `,
  `
  DROP INDEX incidents_due;
  ALTER TABLE incidents RENAME COLUMN severity TO urgency;
  CREATE INDEX incidents_due ON incidents (target, urgency, due) WHERE due IS NOT NULL;

  CREATE TABLE moments (
    name TEXT PRIMARY KEY,
    at INTEGER NOT NULL
  ) STRICT;
  `,
]
const layout = steps.length

/**
 * A file of this program's layout, made if there is none, and changed in place if it has an older one. Throws StateUnavailable if it is
 * locked, else an Error that names the file.
 */
export function openFile(
  file: string,
  networkFileSystem: (path: string) => string | undefined = networkFileSystemAt,
): DatabaseSync {
  // A whole path, so that no name means something else to SQLite (":memory:", "file:…").
  const path = resolve(file)
  try {
    refuseNetwork(networkFileSystem(path))
    makeFile(path)
    const database = new DatabaseSync(path, { timeout: 1_000 })
    try {
      prepare(database)
    } catch (error) {
      database.close()
      throw error
    }
    return database
  } catch (error) {
    if (isBusy(error)) throw new StateUnavailable(path, error)
    const { message } = error as Error
    throw new Error(`the state can't be kept in ${path}: ${message}`, { cause: error })
  }
}

/** Locks are lost there, or never known to others, and the memory that processes share is not shared (SQLite, How To Corrupt, 2.1; WAL). */
function refuseNetwork(name: string | undefined) {
  if (name === undefined) return
  throw new Error(
    `it lies on a network file system (${name}), where SQLite's locks don't hold; expected a disk of this machine or a volume of a block-storage class, or STATE=dynamodb:<table>, which several may share`,
  )
}

// Only for its owner: texts of incidents are in it. SQLite gives the files beside it the same mode.
function makeFile(path: string) {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    // Not opened if it is there: closing it would drop the locks that this process holds on it (SQLite, How To Corrupt, 2.2).
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

function prepare(database: DatabaseSync) {
  // Space of what has expired goes back to the disk; has to come before the first table.
  database.exec('PRAGMA auto_vacuum = INCREMENTAL')
  const { journal_mode: mode } = database.prepare('PRAGMA journal_mode = WAL').get() ?? {}
  if (mode !== 'wal') throw new Error("several processes can't share a file on such a file system")
  database.exec('PRAGMA synchronous = NORMAL')
  // Also where nothing is to be made, so that a file that can't be written is told from the start.
  database.exec('BEGIN IMMEDIATE')
  const found = upgrade(database)
  database.exec('COMMIT')
  if (found !== layout)
    throw new Error(
      `it has layout ${found}, and this version of the program knows only ${layout}: give it another file`,
    )
}

/** The layout it then has. Where it knows none of what it finds it leaves it alone. */
function upgrade(database: DatabaseSync): number {
  const found = layoutOf(database)
  if (found < 0 || found >= layout) return found
  if (found === 0) {
    const { count } = database.prepare('SELECT count(*) AS count FROM sqlite_schema').get() ?? {}
    if (count !== 0) throw new Error('it is the database of another program')
  }
  for (const step of steps.slice(found)) database.exec(step)
  database.exec(`PRAGMA user_version = ${layout}`)
  return layout
}

function layoutOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.user_version)
}

/** What a statement gave; a lock, a full or broken disk as StateUnavailable. */
export function attempt<Result>(work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    if (outages.has(codeOf(error) ?? 0)) throw new StateUnavailable('SQLite', error)
    throw error
  }
}

// https://sqlite.org/rescode.html
const busy = [5, 6, 15] // BUSY, LOCKED, PROTOCOL
const broken = [3, 7, 8, 9, 10, 11, 13, 14, 22, 26] // PERM, NOMEM, READONLY, INTERRUPT, IOERR, CORRUPT, FULL, CANTOPEN, NOLFS, NOTADB
const outages = new Set([...busy, ...broken])

function isBusy(error: unknown): boolean {
  return busy.includes(codeOf(error) ?? 0)
}

/** The primary result code, which is an extended one's lowest byte. */
function codeOf(error: unknown): number | undefined {
  const { errcode } = error as { errcode?: number }
  return errcode === undefined ? undefined : errcode & 0xff
}
