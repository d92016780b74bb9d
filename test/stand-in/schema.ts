/** denokv's tables, as far as its reads and writes need them, and a trigger that fails a write by the first four letters of its key. */
export const SCHEMA = `
CREATE TABLE kv_store (key bytea PRIMARY KEY, value bytea NOT NULL, value_encoding integer NOT NULL, versionstamp bytea NOT NULL,
  expires_at timestamptz, updated_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE data_version (k integer PRIMARY KEY, version bigint NOT NULL);
INSERT INTO data_version VALUES (0, 1);
CREATE TABLE kv_audit (id integer PRIMARY KEY, note text NOT NULL, amount integer CHECK (amount < 100));
INSERT INTO kv_audit VALUES (1, 'x', 1);
CREATE FUNCTION kv_guard() RETURNS trigger LANGUAGE plpgsql AS $f$
DECLARE fault text := convert_from(substring(NEW.key from 2 for 4), 'UTF8');
BEGIN
  CASE fault
    WHEN 'mrel' THEN PERFORM 1 FROM kv_history;
    WHEN 'mcol' THEN PERFORM colour FROM kv_audit;
    WHEN 'mfun' THEN PERFORM audit_event(NEW.key);
    WHEN 'chck' THEN INSERT INTO kv_audit VALUES ((random() * 1e9)::int, 'x', 200);
    WHEN 'notn' THEN INSERT INTO kv_audit VALUES ((random() * 1e9)::int, NULL, 2);
    WHEN 'uniq' THEN INSERT INTO kv_audit VALUES (1, 'x', 2);
    WHEN 'rais' THEN RAISE EXCEPTION 'quota exceeded for %', encode(NEW.key, 'hex') USING DETAIL = 'used 1024 of 1000', HINT = 'Raise the quota.';
    WHEN 'numr' THEN INSERT INTO kv_audit VALUES (1, 'x', (2147483647::bigint + length(NEW.key))::int);
    WHEN 'typm' THEN PERFORM encode(NEW.key, 'hex')::int;
    WHEN 'slow' THEN PERFORM pg_sleep(20);
    ELSE NULL;
  END CASE;
  RETURN NEW;
END $f$;
CREATE TRIGGER kv_guard_write BEFORE INSERT OR UPDATE ON kv_store FOR EACH ROW EXECUTE FUNCTION kv_guard();
CREATE ROLE kv LOGIN;
GRANT ALL ON ALL TABLES IN SCHEMA public TO kv;
CREATE ROLE webapp LOGIN;
CREATE TABLE orders (id integer PRIMARY KEY, total integer CONSTRAINT orders_total_check CHECK (total >= 0));
INSERT INTO orders SELECT g, 1 FROM generate_series(1, 50) g;
GRANT ALL ON orders, data_version TO webapp;
`;

/** What another application gets wrong beside denokv: the same mistakes, in other statements. */
export const MISTAKES: readonly string[] = [
  'UPDATE orders SET total = -1 WHERE id = 3',
  'SELECT * FROM kv_history',
  'SELECT colour FROM orders',
  'INSERT INTO orders VALUES (1, 2)',
  'SELECT audit_event(1)',
  "SELECT 'abc'::int",
];

export const SET = `
                        INSERT INTO kv_store (key, value, value_encoding, versionstamp, expires_at, updated_at)
                        VALUES ($1, $2, $3, $4, $5, NOW())
                        ON CONFLICT (key) DO UPDATE SET
                            value = EXCLUDED.value,
                            value_encoding = EXCLUDED.value_encoding,
                            versionstamp = EXCLUDED.versionstamp,
                            expires_at = EXCLUDED.expires_at,
                            updated_at = NOW()
                        `;
export const READ = `
                SELECT key, value, value_encoding, versionstamp
                FROM kv_store
                WHERE key >= $1 AND key < $2
                ORDER BY key ASC
                LIMIT $3
                `;
