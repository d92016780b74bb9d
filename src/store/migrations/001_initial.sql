-- One row for each generation of each followed file. The checkpoint stands here, so that it commits with the events before it.
CREATE TABLE files (
  id           INTEGER PRIMARY KEY,
  kind         TEXT    NOT NULL,
  path         TEXT    NOT NULL,
  dev          TEXT    NOT NULL,
  ino          TEXT    NOT NULL,
  birthtime_ns TEXT    NOT NULL,
  generation   INTEGER NOT NULL,
  ended        INTEGER NOT NULL DEFAULT 0,
  offset       INTEGER NOT NULL DEFAULT 0,
  head_hash    TEXT    NOT NULL DEFAULT '',
  head_bytes   INTEGER NOT NULL DEFAULT 0,
  marker_hash  TEXT    NOT NULL DEFAULT '',
  marker_bytes INTEGER NOT NULL DEFAULT 0,
  gaps         INTEGER NOT NULL DEFAULT 0,
  detection    TEXT,
  counts       TEXT,
  newest_us    INTEGER,
  UNIQUE (dev, ino, birthtime_ns, generation)
) STRICT;

CREATE INDEX files_by_path ON files (path, id);

-- AUTOINCREMENT: an id is never used twice, because readers ask for what came after one.
CREATE TABLE events (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  file_id    INTEGER NOT NULL REFERENCES files (id),
  byte_start INTEGER NOT NULL,
  byte_end   INTEGER NOT NULL,
  kind       TEXT    NOT NULL,
  at_us      INTEGER,
  -- Of an event without a time: that of the nearest timed event before it in its file.
  near_us    INTEGER,
  severity   TEXT,
  sqlstate   TEXT,
  pid        INTEGER,
  body       TEXT    NOT NULL,
  UNIQUE (file_id, byte_start)
) STRICT;

CREATE INDEX events_by_time ON events (at_us, file_id, byte_start) WHERE at_us IS NOT NULL;
CREATE INDEX events_near_time ON events (near_us, id) WHERE at_us IS NULL;

CREATE TABLE failures (
  id              TEXT    PRIMARY KEY,
  at_us           INTEGER,
  -- at_us, or when there is none the time at which the failure was first saved: the list has one order and every failure a place in it.
  order_us        INTEGER NOT NULL,
  byte_start      INTEGER NOT NULL,
  symptom_file_id INTEGER REFERENCES files (id),
  settled         INTEGER NOT NULL,
  cause           TEXT    NOT NULL,
  sqlstate        TEXT,
  operation       TEXT,
  certainty       TEXT    NOT NULL,
  search          TEXT    NOT NULL,
  verdict         TEXT    NOT NULL,
  revision        INTEGER NOT NULL DEFAULT 0,
  saved_ms        INTEGER NOT NULL
) STRICT;

CREATE INDEX failures_newest ON failures (order_us, byte_start, id);
CREATE INDEX failures_by_cause ON failures (cause, order_us, byte_start, id);
CREATE INDEX failures_by_sqlstate ON failures (sqlstate, order_us, byte_start, id) WHERE sqlstate IS NOT NULL;

-- What a verdict said before it was revised.
CREATE TABLE revisions (
  failure_id  TEXT    NOT NULL REFERENCES failures (id),
  revision    INTEGER NOT NULL,
  replaced_ms INTEGER NOT NULL,
  verdict     TEXT    NOT NULL,
  PRIMARY KEY (failure_id, revision)
) STRICT;

CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;
