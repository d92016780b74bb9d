-- Requests that denokv never answered: no failures, and asked for by their ids only.
CREATE TABLE dropped (
  id         TEXT    PRIMARY KEY,
  order_us   INTEGER NOT NULL,
  request_id TEXT,
  settled    INTEGER NOT NULL,
  body       TEXT    NOT NULL
) STRICT;
CREATE INDEX dropped_by_request ON dropped (request_id) WHERE request_id IS NOT NULL;
CREATE INDEX dropped_by_time ON dropped (order_us);
