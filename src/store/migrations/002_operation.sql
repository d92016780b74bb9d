-- Line ends before the checkpoint's offset: a restart goes on counting where the events were cited from. Null: not known.
ALTER TABLE files ADD COLUMN lines_before INTEGER;

-- When the generation was first seen, wall clock: copies that rotators took since hold bytes of it, or of later ones.
ALTER TABLE files ADD COLUMN opened_ms INTEGER;

-- Symptoms without a final verdict. Written with the event, taken out with the verdict: what a crash left open is found again.
CREATE TABLE open_symptoms (
  file_id    INTEGER NOT NULL,
  byte_start INTEGER NOT NULL,
  PRIMARY KEY (file_id, byte_start)
) STRICT, WITHOUT ROWID;

INSERT INTO open_symptoms (file_id, byte_start)
SELECT e.file_id, e.byte_start FROM events e
WHERE e.kind = 'denokv_error' AND NOT EXISTS (
  SELECT 1 FROM failures f WHERE f.symptom_file_id = e.file_id AND f.byte_start = e.byte_start AND f.settled = 1
);

-- Counts that outlive the events: what is the event's kind or the failure's cause, name its severity or '', sqlstate or ''.
CREATE TABLE hourly (
  hour_us  INTEGER NOT NULL,
  topic    TEXT    NOT NULL,
  what     TEXT    NOT NULL,
  severity TEXT    NOT NULL,
  sqlstate TEXT    NOT NULL,
  count    INTEGER NOT NULL,
  PRIMARY KEY (hour_us, topic, what, severity, sqlstate)
) STRICT, WITHOUT ROWID;

CREATE INDEX failures_by_place ON failures (symptom_file_id, byte_start);
CREATE INDEX events_context ON events (at_us) WHERE kind = 'postgres_context';
CREATE INDEX events_notes ON events (id) WHERE kind = 'denokv_note';
