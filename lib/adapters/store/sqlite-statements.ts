const item = `key, version, revision, body, merged, delivery, lease, pending_since AS pendingSince, due, expires_at AS expiresAt`
const unexpired = '(expires_at IS NULL OR expires_at > :now)'

/** All statements of the store, by name. They ignore rows past `expires_at`, which are deleted later. */
export const statements = {
  read: `SELECT ${item} FROM incidents WHERE key IN (SELECT value FROM json_each(:keys)) AND ${unexpired}`,
  create: `
    INSERT INTO incidents (key, version, revision, body, merged, delivery, target, urgency, pending_since, due, expires_at)
    VALUES (:key, 1, 1, :body, :merged, :delivery, :target, :urgency, :pendingSince, :due, :expiresAt)
    ON CONFLICT (key) DO UPDATE SET
      version = 1, revision = 1, body = excluded.body, merged = excluded.merged, delivery = excluded.delivery,
      lease = NULL, lease_token = NULL, target = excluded.target, urgency = excluded.urgency,
      pending_since = excluded.pending_since, due = excluded.due, expires_at = excluded.expires_at
    WHERE NOT ${unexpired}
    RETURNING ${item}`,
  saveBody: `
    UPDATE incidents SET
      version = version + 1, revision = revision + 1, body = :body, merged = :merged, target = :target,
      urgency = :urgency, pending_since = :pendingSince, due = :due, expires_at = :expiresAt
    WHERE key = :key AND version = :version AND ${unexpired}
    RETURNING ${item}`,
  takeLease: `
    UPDATE incidents SET revision = revision + 1, lease = :lease, lease_token = :token
    WHERE key = :key AND revision = :revision AND ${unexpired}
    RETURNING ${item}`,
  recordDelivery: `
    UPDATE incidents SET
      version = version + 1, revision = revision + 1, delivery = :delivery, lease = NULL, lease_token = NULL,
      merged = iif(:isForgotten, NULL, merged), urgency = coalesce(:urgency, urgency), pending_since = :pendingSince, due = :due, expires_at = :expiresAt
    WHERE key = :key AND lease_token = :token AND version = :version AND ${unexpired}
    RETURNING ${item}`,
  // One index lookup for each target, however many incidents it has.
  listDueTargets: `
    WITH RECURSIVE targets (target) AS (
      SELECT min(target) FROM incidents WHERE due IS NOT NULL
      UNION ALL
      SELECT (SELECT min(target) FROM incidents WHERE due IS NOT NULL AND target > targets.target)
      FROM targets WHERE targets.target IS NOT NULL
    )
    SELECT target FROM targets WHERE target IS NOT NULL`,
  readDue: `
    SELECT key, target, urgency, due FROM incidents
    WHERE target = :target AND urgency = :urgency AND due BETWEEN :from AND :until AND ${unexpired}
    ORDER BY due LIMIT :most`,
  nextDue: `
    SELECT min(due) AS due FROM incidents
    WHERE target = :target AND urgency = :urgency AND due > :after AND ${unexpired}`,
  countPending: `
    SELECT count(*) AS count, min(pending_since) AS since FROM incidents WHERE pending_since IS NOT NULL AND ${unexpired}`,
  readDocuments: `
    SELECT name, version, value FROM documents
    WHERE kind = :kind AND name IN (SELECT value FROM json_each(:names)) AND ${unexpired}`,
  createDocument: `
    INSERT INTO documents (kind, name, version, value, expires_at) VALUES (:kind, :name, 1, :value, :expiresAt)
    ON CONFLICT (kind, name) DO UPDATE SET version = 1, value = excluded.value, expires_at = excluded.expires_at
    WHERE NOT ${unexpired}
    RETURNING version`,
  saveDocument: `
    UPDATE documents SET version = version + 1, value = :value, expires_at = :expiresAt
    WHERE kind = :kind AND name = :name AND version = :version AND ${unexpired}
    RETURNING version`,
  listDocuments: `SELECT name, version, value FROM documents WHERE kind = :kind AND ${unexpired}`,
  putDeadLetter: `
    INSERT INTO dead_letters (id, value, at, expires_at) VALUES (:id, :value, :at, :expiresAt)
    ON CONFLICT (id) DO UPDATE SET value = excluded.value, at = excluded.at, expires_at = excluded.expires_at
    WHERE NOT ${unexpired}`,
  listDeadLetters: `SELECT value FROM dead_letters WHERE ${unexpired} ORDER BY at DESC, id`,
  dropDeadLetter: 'DELETE FROM dead_letters WHERE id = :id',
  // Starts at the latest change of an incident and follows the clocks of the processes in small steps (sqlite.ts).
  advanceFileClock: `
    INSERT INTO file_clock (id, now)
    VALUES (1, min(:now, coalesce((SELECT max(expires_at) FROM incidents WHERE expires_at IS NOT NULL) - :lifetime, :now)))
    ON CONFLICT (id) DO UPDATE SET now = min(:now, now + :step)
    RETURNING now`,
  findExpired: `
    SELECT 1 FROM incidents WHERE expires_at <= :now
    UNION ALL SELECT 1 FROM documents WHERE expires_at <= :now
    UNION ALL SELECT 1 FROM dead_letters WHERE expires_at <= :now LIMIT 1`,
  deleteIncidents: deleteExpired('incidents'),
  deleteDocuments: deleteExpired('documents'),
  deleteDeadLetters: deleteExpired('dead_letters'),
}

function deleteExpired(table: string): string {
  return `DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table} WHERE expires_at <= :now LIMIT :most)`
}
