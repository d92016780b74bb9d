-- Failures by the minute, provisional ones too: a row a minute, its counts as the JSON that is asked for. (A row a minute and cause was put together
-- with each question: a day of them took 20 ms.)
CREATE TABLE minutes (
  minute_us INTEGER PRIMARY KEY,
  total     INTEGER NOT NULL,
  causes    TEXT    NOT NULL
) STRICT;
INSERT INTO minutes (minute_us, total, causes)
SELECT minute_us, sum(count), json_group_object(cause, count) FROM minutely GROUP BY minute_us;

-- The same by the hour, for sums over a span.
CREATE TABLE cause_hours (
  hour_us INTEGER NOT NULL,
  cause   TEXT    NOT NULL,
  count   INTEGER NOT NULL,
  PRIMARY KEY (hour_us, cause)
) STRICT, WITHOUT ROWID;
INSERT INTO cause_hours (hour_us, cause, count)
SELECT minute_us / 3600000000 * 3600000000, cause, sum(count) FROM minutely GROUP BY 1, 2;

DROP TRIGGER failures_minute_in;
DROP TRIGGER failures_minute_out;
DROP TRIGGER failures_minute_changed;
DROP TABLE minutely;

-- What is counted, as rows of +1 and -1: each table has its rule in one place.
CREATE VIEW counted AS SELECT 0 AS us, '' AS cause, 0 AS step WHERE false;
CREATE TRIGGER counted_in INSTEAD OF INSERT ON counted BEGIN
  INSERT INTO minutes (minute_us, total, causes) VALUES (new.us / 60000000 * 60000000, new.step, json_object(new.cause, new.step))
  ON CONFLICT DO UPDATE SET
    total = total + new.step,
    causes = json_set(causes, '$."' || new.cause || '"', coalesce(causes ->> ('$."' || new.cause || '"'), 0) + new.step);
  UPDATE minutes SET causes = json_remove(causes, '$."' || new.cause || '"')
  WHERE new.step < 0 AND minute_us = new.us / 60000000 * 60000000 AND causes ->> ('$."' || new.cause || '"') <= 0;
  DELETE FROM minutes WHERE new.step < 0 AND minute_us = new.us / 60000000 * 60000000 AND total <= 0;
  INSERT INTO cause_hours (hour_us, cause, count) VALUES (new.us / 3600000000 * 3600000000, new.cause, new.step)
  ON CONFLICT DO UPDATE SET count = count + new.step;
  DELETE FROM cause_hours
  WHERE new.step < 0 AND hour_us = new.us / 3600000000 * 3600000000 AND cause = new.cause AND count <= 0;
END;
CREATE TRIGGER failures_counted_in AFTER INSERT ON failures BEGIN
  INSERT INTO counted (us, cause, step) VALUES (new.order_us, new.cause, 1);
END;
CREATE TRIGGER failures_counted_out AFTER DELETE ON failures BEGIN
  INSERT INTO counted (us, cause, step) VALUES (old.order_us, old.cause, -1);
END;
CREATE TRIGGER failures_counted_changed AFTER UPDATE OF order_us, cause ON failures
WHEN old.cause <> new.cause OR old.order_us <> new.order_us BEGIN
  INSERT INTO counted (us, cause, step) VALUES (old.order_us, old.cause, -1);
  INSERT INTO counted (us, cause, step) VALUES (new.order_us, new.cause, 1);
END;
