import { closeSync, openSync } from 'node:fs'
import { resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StateUnavailable } from '../../pipeline/ports.ts'
import { networkFileSystemAt } from './network-file-system.ts'

// Raise it with every change of the tables.
const layout = 5
const tables = `
  CREATE TABLE incidents (
    key TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    body TEXT NOT NULL,
    merged TEXT,
    delivery TEXT NOT NULL,
    lease TEXT,
    lease_token TEXT,
    target TEXT NOT NULL,
    urgency TEXT NOT NULL,
    pending_since INTEGER,
    due INTEGER,
    expires_at INTEGER
  ) STRICT;
  CREATE INDEX incidents_due ON incidents (target, urgency, due) WHERE due IS NOT NULL;
  CREATE INDEX incidents_pending ON incidents (pending_since, expires_at) WHERE pending_since IS NOT NULL;
  CREATE INDEX incidents_expired ON incidents (expires_at) WHERE expires_at IS NOT NULL;

  CREATE TABLE documents (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    value TEXT NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (kind, name)
  ) STRICT;
  CREATE INDEX documents_expired ON documents (expires_at) WHERE expires_at IS NOT NULL;

  CREATE TABLE dead_letters (
    id TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX dead_letters_expired ON dead_letters (expires_at);

  CREATE TABLE file_clock (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    now INTEGER NOT NULL
  ) STRICT;
`

/** Opens the file, or creates it. Throws StateUnavailable if it is locked, otherwise an Error that names the file. */
export function openFile(
  file: string,
  networkFileSystem: (path: string) => string | undefined = networkFileSystemAt,
): DatabaseSync {
  // SQLite treats some relative names specially (":memory:", "file:…").
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
    throw new Error(`cannot store state in ${path}: ${message}`, { cause: error })
  }
}

/** SQLite's locks and shared memory do not work there (SQLite, How To Corrupt, 2.1; WAL). */
function refuseNetwork(name: string | undefined) {
  if (name === undefined) return
  throw new Error(
    `the file is on a network file system (${name}), where SQLite's locks do not work. Use a local disk, a volume of a block-storage class, or STATE=dynamodb:<table>`,
  )
}

// Readable by its owner only, since it contains the texts of incidents. SQLite gives the files beside it the same mode.
function makeFile(path: string) {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    // Opening and closing an existing file would drop the locks that this process holds on it (SQLite, How To Corrupt, 2.2).
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

function prepare(database: DatabaseSync) {
  // Returns the space of deleted rows to the disk. It has no effect once there is a table.
  database.exec('PRAGMA auto_vacuum = INCREMENTAL')
  const { journal_mode: mode } = database.prepare('PRAGMA journal_mode = WAL').get() ?? {}
  if (mode !== 'wal') throw new Error('processes cannot share a file on this file system')
  database.exec('PRAGMA synchronous = NORMAL')
  // Always takes the write lock, so that a file that is not writable fails at the start.
  database.exec('BEGIN IMMEDIATE')
  createTables(database)
  database.exec('COMMIT')
  checkLayout(database)
}

function createTables(database: DatabaseSync) {
  if (layoutOf(database) !== 0) return
  const { count } = database.prepare('SELECT count(*) AS count FROM sqlite_schema').get() ?? {}
  if (count !== 0) throw new Error('the file is a database of another program')
  database.exec(tables)
  database.exec(`PRAGMA user_version = ${layout}`)
}

/** Throws unless the file was created with the layout of this version of the program. */
export function checkLayout(database: DatabaseSync) {
  const found = layoutOf(database)
  if (found !== layout)
    throw new Error(
      `the file was created by another version of this program (layout ${found}; this version uses layout ${layout}). Use a new file, or delete this one if nothing in it is pending`,
    )
}

function layoutOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.user_version)
}

/** Runs a statement. A lock and a full or broken disk become StateUnavailable. */
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
