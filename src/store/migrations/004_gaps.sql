-- Stretches of time of which a log's lines were lost. A table of its own: retention takes the events away from which both ends could be told.
CREATE TABLE gaps (
  -- The generation before whose first byte it stands.
  file_id    INTEGER PRIMARY KEY REFERENCES files (id),
  -- Where the log was then: a rotated file has another path.
  path       TEXT    NOT NULL,
  reason     TEXT    NOT NULL,
  bytes_lost INTEGER,
  -- The newest event that was read of this path before; null: none.
  from_us    INTEGER,
  -- The first event after it; null: none has come yet.
  to_us      INTEGER
) STRICT;

INSERT INTO gaps (file_id, path, reason, bytes_lost, from_us, to_us)
SELECT f.id, f.path, e.body ->> 'reason', e.body ->> 'bytesLost',
  (SELECT max(b.newest_us) FROM files b WHERE b.path = f.path AND b.id < f.id),
  (SELECT n.at_us FROM events n WHERE n.file_id = f.id AND n.byte_start >= 0 AND n.at_us IS NOT NULL ORDER BY n.byte_start LIMIT 1)
FROM files f JOIN events e ON e.file_id = f.id AND e.byte_start = -1
WHERE e.kind = 'gap' AND e.body ->> 'bytesLost' IS NOT 0;
