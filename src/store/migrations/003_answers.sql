-- What readers ask for: words, issues, incidents, keys, counts by the minute, markers.

-- seq is a failure's place in time as one number (microseconds * 1024 + a counter), so that the full-text index can be walked newest first.
ALTER TABLE failures ADD COLUMN seq INTEGER;
ALTER TABLE failures ADD COLUMN issue TEXT;
ALTER TABLE failures ADD COLUMN request_id TEXT;
ALTER TABLE failures ADD COLUMN incident TEXT;
-- Where the Postgres entry begins in its file.
ALTER TABLE failures ADD COLUMN entry_byte INTEGER;
-- Cause, SQLSTATE, operation, certainty and issue as words, for queries that ask for words and one of these.
ALTER TABLE failures ADD COLUMN facets TEXT NOT NULL DEFAULT '';

UPDATE failures SET
  issue = verdict ->> 'issue', request_id = verdict ->> 'requestId', entry_byte = verdict ->> '$.postgres.byteStart',
  facets = 'c' || replace(cause, '_', '') || ' y' || certainty || coalesce(' s' || lower(sqlstate), '')
    || coalesce(' o' || replace(operation, '_', ''), '') || ' i' || replace(verdict ->> 'issue', '_', ''),
  seq = numbered.seq
FROM (SELECT id, max(0, min(order_us, 9000000000000000)) * 1024 + row_number() OVER (PARTITION BY order_us ORDER BY byte_start, id) - 1 AS seq
      FROM failures) AS numbered
WHERE numbered.id = failures.id;

-- With issue and id in them, these answer "how many, of which issues" without touching the rows, which are large.
CREATE UNIQUE INDEX failures_by_seq ON failures (seq, issue, id);
DROP INDEX failures_by_cause;
DROP INDEX failures_by_sqlstate;
DROP INDEX failures_newest;
CREATE INDEX failures_newest ON failures (order_us, byte_start, id, issue);
CREATE INDEX failures_by_cause ON failures (cause, order_us, byte_start, id, issue);
CREATE INDEX failures_by_sqlstate ON failures (sqlstate, order_us, byte_start, id, issue) WHERE sqlstate IS NOT NULL;
CREATE INDEX failures_by_issue ON failures (issue, order_us, byte_start, id);
CREATE INDEX failures_by_request ON failures (request_id) WHERE request_id IS NOT NULL;
CREATE INDEX failures_by_incident ON failures (incident, order_us, byte_start, id, issue) WHERE incident IS NOT NULL;
CREATE INDEX failures_by_entry ON failures (entry_byte) WHERE entry_byte IS NOT NULL;
CREATE INDEX failures_by_operation ON failures (operation, order_us, byte_start, id, issue) WHERE operation IS NOT NULL;
CREATE INDEX failures_by_certainty ON failures (certainty, order_us, byte_start, id);

-- The texts themselves stay in failures.
CREATE VIRTUAL TABLE failure_words USING fts5(search, facets, content = 'failures', content_rowid = 'seq', tokenize = 'unicode61');
INSERT INTO failure_words (rowid, search, facets) SELECT seq, search, facets FROM failures;

CREATE TRIGGER failures_words_in AFTER INSERT ON failures BEGIN
  INSERT INTO failure_words (rowid, search, facets) VALUES (new.seq, new.search, new.facets);
END;
CREATE TRIGGER failures_words_out AFTER DELETE ON failures BEGIN
  INSERT INTO failure_words (failure_words, rowid, search, facets) VALUES ('delete', old.seq, old.search, old.facets);
END;
CREATE TRIGGER failures_words_changed AFTER UPDATE OF search, facets, seq ON failures
WHEN old.search <> new.search OR old.facets <> new.facets OR old.seq IS NOT new.seq BEGIN
  INSERT INTO failure_words (failure_words, rowid, search, facets) VALUES ('delete', old.seq, old.search, old.facets);
  INSERT INTO failure_words (rowid, search, facets) VALUES (new.seq, new.search, new.facets);
END;

-- Failures by the minute, provisional ones too.
CREATE TABLE minutely (
  minute_us INTEGER NOT NULL,
  cause     TEXT    NOT NULL,
  count     INTEGER NOT NULL,
  PRIMARY KEY (minute_us, cause)
) STRICT, WITHOUT ROWID;
INSERT INTO minutely (minute_us, cause, count)
SELECT order_us / 60000000 * 60000000, cause, count(*) FROM failures GROUP BY 1, 2;

CREATE TRIGGER failures_minute_in AFTER INSERT ON failures BEGIN
  INSERT INTO minutely (minute_us, cause, count) VALUES (new.order_us / 60000000 * 60000000, new.cause, 1)
  ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER failures_minute_out AFTER DELETE ON failures BEGIN
  UPDATE minutely SET count = count - 1 WHERE minute_us = old.order_us / 60000000 * 60000000 AND cause = old.cause;
  DELETE FROM minutely WHERE minute_us = old.order_us / 60000000 * 60000000 AND cause = old.cause AND count <= 0;
END;
CREATE TRIGGER failures_minute_changed AFTER UPDATE OF order_us, cause ON failures
WHEN old.cause <> new.cause OR old.order_us <> new.order_us BEGIN
  UPDATE minutely SET count = count - 1 WHERE minute_us = old.order_us / 60000000 * 60000000 AND cause = old.cause;
  DELETE FROM minutely WHERE minute_us = old.order_us / 60000000 * 60000000 AND cause = old.cause AND count <= 0;
  INSERT INTO minutely (minute_us, cause, count) VALUES (new.order_us / 60000000 * 60000000, new.cause, 1)
  ON CONFLICT DO UPDATE SET count = count + 1;
END;

-- Failures that are final, by issue. No row is ever pruned: that is what outlives the failures.
CREATE TABLE issues (
  id             TEXT    PRIMARY KEY,
  cause          TEXT    NOT NULL,
  category       TEXT    NOT NULL,
  sqlstate       TEXT,
  operation      TEXT,
  object         TEXT,
  title          TEXT    NOT NULL,
  text           TEXT    NOT NULL,
  count          INTEGER NOT NULL,
  first_us       INTEGER,
  last_us        INTEGER,
  -- When it was last seen, or first stored: the list has one order.
  order_us       INTEGER NOT NULL,
  last_failure   TEXT    NOT NULL,
  state          TEXT    NOT NULL DEFAULT 'open',
  regressed      INTEGER NOT NULL DEFAULT 0,
  -- Null while muted for good.
  muted_until_ms INTEGER,
  resolved_ms    INTEGER
) STRICT;
CREATE INDEX issues_newest ON issues (order_us, id);
CREATE INDEX issues_by_cause ON issues (cause, order_us, id);

CREATE TABLE issue_hours (
  issue_id TEXT    NOT NULL,
  hour_us  INTEGER NOT NULL,
  count    INTEGER NOT NULL,
  PRIMARY KEY (issue_id, hour_us)
) STRICT, WITHOUT ROWID;

INSERT INTO issues (id, cause, category, sqlstate, operation, object, title, text, count, first_us, last_us, order_us, last_failure)
SELECT issue, cause, verdict ->> '$.cause.category', sqlstate, operation, NULL, verdict ->> '$.cause.summary', search,
  count(*), min(at_us), max(at_us), max(order_us), id
FROM failures WHERE settled = 1 GROUP BY issue;
INSERT INTO issue_hours (issue_id, hour_us, count)
SELECT issue, at_us / 3600000000 * 3600000000, count(*) FROM failures WHERE settled = 1 AND at_us IS NOT NULL GROUP BY 1, 2;

CREATE TABLE incidents (
  id       TEXT    PRIMARY KEY,
  cause    TEXT    NOT NULL,
  category TEXT    NOT NULL,
  start_us INTEGER NOT NULL,
  end_us   INTEGER,
  summary  TEXT    NOT NULL,
  file     TEXT    NOT NULL,
  line     INTEGER NOT NULL,
  -- The opening's place, the text and the evidence, as JSON.
  body     TEXT    NOT NULL,
  saved_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX incidents_newest ON incidents (start_us, id);
CREATE INDEX incidents_by_cause ON incidents (cause, start_us, id);

-- KV keys (as bytes) that a log named, and the event that did.
CREATE TABLE event_keys (
  kv_key     BLOB    NOT NULL,
  event_id   INTEGER NOT NULL,
  PRIMARY KEY (kv_key, event_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_keys_by_event ON event_keys (event_id);
CREATE TRIGGER events_keys_out AFTER DELETE ON events BEGIN
  DELETE FROM event_keys WHERE event_id = old.id;
END;

CREATE INDEX events_by_sqlstate ON events (sqlstate, at_us) WHERE sqlstate IS NOT NULL AND at_us IS NOT NULL;

CREATE TABLE markers (
  id    INTEGER PRIMARY KEY AUTOINCREMENT,
  at_us INTEGER NOT NULL,
  text  TEXT    NOT NULL
) STRICT;
CREATE INDEX markers_by_time ON markers (at_us, id);
