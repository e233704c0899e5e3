import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sqliteStore } from '../../../lib/adapters/store/sqlite.ts'
import { attempt } from '../../../lib/adapters/store/sqlite-file.ts'
import { StateUnavailable } from '../../../lib/pipeline/ports.ts'
import { bodyOf, keyOf } from './builders.ts'
import { runModule } from './run-module.ts'
import { sqliteFiles } from './sqlite-files.ts'

const { clock, folder, file, connect, openRaw } = sqliteFiles()

describe('an error of SQLite', () => {
  it('is an outage if the disk is full, otherwise a bug', () => {
    const raw = openRaw()
    raw.exec('CREATE TABLE a (text); PRAGMA max_page_count = 5')
    const insert = () => raw.exec(`INSERT INTO a VALUES ('${'x'.repeat(100_000)}')`)
    expect(() => attempt(insert)).toThrow(new StateUnavailable('SQLite', new Error('database or disk is full')))
    expect(() => attempt(() => raw.exec('SELECT missing'))).toThrow(/^no such column: missing$/)
  })
})

describe('opening a file', () => {
  it('creates the file with rights for its owner only', () => {
    connect()
    for (const name of [file(), `${file()}-wal`, `${file()}-shm`]) expect(statSync(name).mode & 0o777, name).toBe(0o600)
  })

  it.each([
    ['in a missing folder', () => join(folder(), 'missing', 'state.db'), /no such file or directory/],
    ['that is a folder', folder, /unable to open database file/],
    ['where nobody can write', () => '/proc/state.db', /no such file or directory|permission denied|not permitted/i],
    [
      'that is not a database',
      () => {
        writeFileSync(file(), 'something else, long enough to have a header of its own'.repeat(99))
        return file()
      },
      /file is not a database/,
    ],
    [
      'of an earlier version',
      () => {
        openRaw().exec('CREATE TABLE chats (name); PRAGMA user_version = 4')
        return file()
      },
      /the file was created by another version of this program \(layout 4; this version uses layout 5\)\. Use a new file, or delete this one if nothing in it is pending$/,
    ],
    [
      'of a later version',
      () => {
        openRaw().exec('PRAGMA user_version = 7')
        return file()
      },
      /the file was created by another version of this program \(layout 7; this version uses layout 5\)/,
    ],
    [
      'of another program',
      () => {
        openRaw().exec('CREATE TABLE users (name)')
        return file()
      },
      /the file is a database of another program/,
    ],
  ] as [string, () => string, RegExp][])('refuses a file %s, and names it', (_, prepare, words) => {
    const name = prepare()
    const open = () => sqliteStore(name, { clock })
    expect(open).toThrow(words)
    expect(open).toThrow(`cannot store state in ${name}: `)
    expect(open).not.toThrow(StateUnavailable)
  })

  it('refuses a read-only file', async () => {
    connect()
    for (const name of [file(), `${file()}-wal`, `${file()}-shm`]) chmodSync(name, 0o444)
    chmodSync(folder(), 0o755)
    const output = await runModule(`
      import { sqliteStore } from './lib/adapters/store/sqlite.ts'
      // Root can write everywhere, the user nobody cannot.
      if (process.getuid() === 0) process.setuid(65_534)
      try {
        sqliteStore(${JSON.stringify(file())}, { clock: { now: () => 1 } })
      } catch (error) {
        console.log(error.message)
      }`)
    expect(output).toMatch(/^cannot store state in .*state\.db: (attempt to write a readonly|unable to open) database/)
  })

  it('opens files whose names SQLite treats specially', async () => {
    mkdirSync(join(folder(), 'file:x?mode=memory'))
    const name = join(folder(), 'file:x?mode=memory', ':memory:')
    await connect(name).saveBody(keyOf(1), bodyOf(), {}, 0)
    expect((await connect(name).readIncidents([keyOf(1)])).size).toBe(1)
  })

  it('is an outage while another process locks the file', () => {
    const other = openRaw()
    other.exec('BEGIN EXCLUSIVE')
    expect(connect).toThrow(StateUnavailable)
  })
})
