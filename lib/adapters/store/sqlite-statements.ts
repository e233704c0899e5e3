const item = `key, version, revision, body, merged, deliveryState, lease, pending_since AS pendingSince, due, expires_at AS expiresAt`
const isThere = '(expires_at IS NULL OR expires_at > :now)'

/** What the store asks of its file, by name. What is past `expires_at` is not there. */
export const statements = {
  read: `SELECT ${item} FROM incidents WHERE key IN (SELECT value FROM json_each(:keys)) AND ${isThere}`,
  create: `
    INSERT INTO incidents (key, version, revision, body, merged, deliveryState, target, urgency, pending_since, due, expires_at)
    VALUES (:key, 1, 1, :body, :merged, :deliveryState, :target, :urgency, :pendingSince, :due, :expiresAt)
    ON CONFLICT (key) DO UPDATE SET
      version = 1, revision = 1, body = excluded.body, merged = excluded.merged, deliveryState = excluded.deliveryState,
      lease = NULL, claim_token = NULL, target = excluded.target, urgency = excluded.urgency,
      pending_since = excluded.pending_since, due = excluded.due, expires_at = excluded.expires_at
    WHERE NOT ${isThere}
    RETURNING ${item}`,
  saveBody: `
    UPDATE incidents SET
      version = version + 1, revision = revision + 1, body = :body, merged = :merged, target = :target,
      urgency = :urgency, pending_since = :pendingSince, due = :due, expires_at = :expiresAt
    WHERE key = :key AND version = :version AND ${isThere}
    RETURNING ${item}`,
  lease: `
    UPDATE incidents SET revision = revision + 1, lease = :lease, claim_token = :token
    WHERE key = :key AND revision = :revision AND ${isThere}
    RETURNING ${item}`,
  settle: `
    UPDATE incidents SET
      version = version + 1, revision = revision + 1, deliveryState = :deliveryState, lease = NULL, claim_token = NULL,
      merged = iif(:isForgotten, NULL, merged), urgency = coalesce(:urgency, urgency), pending_since = :pendingSince, due = :due, expires_at = :expiresAt
    WHERE key = :key AND claim_token = :token AND version = :version AND ${isThere}
    RETURNING ${item}`,
  // One look into the index for each target, however many incidents it has.
  listLanes: `
    WITH RECURSIVE lanes (target) AS (
      SELECT min(target) FROM incidents WHERE due IS NOT NULL
      UNION ALL
      SELECT (SELECT min(target) FROM incidents WHERE due IS NOT NULL AND target > lanes.target)
      FROM lanes WHERE lanes.target IS NOT NULL
    )
    SELECT target FROM lanes WHERE target IS NOT NULL`,
  readDue: `
    SELECT key, target, urgency, due FROM incidents
    WHERE target = :target AND urgency = :urgency AND due BETWEEN :from AND :until AND ${isThere}
    ORDER BY due LIMIT :most`,
  nextDue: `
    SELECT min(due) AS due FROM incidents
    WHERE target = :target AND urgency = :urgency AND due > :after AND ${isThere}`,
  countPending: `
    SELECT count(*) AS count, min(pending_since) AS since FROM incidents WHERE pending_since IS NOT NULL AND ${isThere}`,
  readChats: 'SELECT name, version, value FROM chats WHERE name IN (SELECT value FROM json_each(:names))',
  createChat: `
    INSERT INTO chats (name, version, value) VALUES (:name, 1, :value) ON CONFLICT DO NOTHING RETURNING version`,
  saveChat: `
    UPDATE chats SET version = version + 1, value = :value WHERE name = :name AND version = :version
    RETURNING version`,
  readCounters: readOf('counters'),
  createCounter: createIn('counters'),
  saveCounter: saveIn('counters'),
  listCounters: listOf('counters'),
  readSeen: readOf('seen'),
  createSeen: createIn('seen'),
  saveSeen: saveIn('seen'),
  listSeen: listOf('seen'),
  putDeadLetter: `
    INSERT INTO dead_letters (id, value, at, expires_at) VALUES (:id, :value, :at, :expiresAt)
    ON CONFLICT (id) DO UPDATE SET value = excluded.value, at = excluded.at, expires_at = excluded.expires_at
    WHERE NOT ${isThere}`,
  listDeadLetters: `SELECT value FROM dead_letters WHERE ${isThere} ORDER BY at DESC, id`,
  dropDeadLetters: 'DELETE FROM dead_letters WHERE id = :id',
  // The file's own time follows the clocks of those who delete, in small steps (sqlite.ts). It begins with the latest change.
  moveTime: `
    INSERT INTO moments (name, at)
    VALUES ('deleted', min(:now, coalesce((SELECT max(expires_at) FROM incidents WHERE expires_at IS NOT NULL) - :kept, :now)))
    ON CONFLICT (name) DO UPDATE SET at = min(:now, at + :step)
    RETURNING at`,
  findExpired: `
    SELECT 1 FROM incidents WHERE expires_at <= :now UNION ALL SELECT 1 FROM dead_letters WHERE expires_at <= :now
    UNION ALL SELECT 1 FROM counters WHERE expires_at <= :now
    UNION ALL SELECT 1 FROM seen WHERE expires_at <= :now LIMIT 1`,
  deleteIncidents: `
    DELETE FROM incidents WHERE rowid IN (SELECT rowid FROM incidents WHERE expires_at <= :now LIMIT :most)`,
  deleteDeadLetters: `
    DELETE FROM dead_letters WHERE rowid IN (SELECT rowid FROM dead_letters WHERE expires_at <= :now LIMIT :most)`,
  deleteCounters: `
    DELETE FROM counters WHERE rowid IN (SELECT rowid FROM counters WHERE expires_at <= :now LIMIT :most)`,
  deleteSeen: 'DELETE FROM seen WHERE rowid IN (SELECT rowid FROM seen WHERE expires_at <= :now LIMIT :most)',
}

/** A table of small values that are written version by version. */
type Numbered = 'counters' | 'seen'

function readOf(table: Numbered): string {
  return `SELECT name, version, value FROM ${table} WHERE name IN (SELECT value FROM json_each(:names)) AND ${isThere}`
}

function createIn(table: Numbered): string {
  return `
    INSERT INTO ${table} (name, version, value, expires_at) VALUES (:name, 1, :value, :expiresAt)
    ON CONFLICT (name) DO UPDATE SET version = 1, value = excluded.value, expires_at = excluded.expires_at
    WHERE NOT ${isThere}
    RETURNING version`
}

function saveIn(table: Numbered): string {
  return `
    UPDATE ${table} SET version = version + 1, value = :value, expires_at = :expiresAt
    WHERE name = :name AND version = :version AND ${isThere}
    RETURNING version`
}

function listOf(table: Numbered): string {
  return `SELECT name, version, value FROM ${table} WHERE ${isThere}`
}
