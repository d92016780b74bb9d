import { randomFrom } from './random.mjs';

const START_MS = Date.UTC(2026, 10, 23, 5);
/** Of a log with log_statement = all, so many entries are errors. */
const ERROR_SHARE = 0.0035;

const READ =
  'SELECT key, value, value_encoding, versionstamp FROM kv_store WHERE key >= $1 AND key < $2 AND (expires_at IS NULL OR expires_at > NOW()) ORDER BY key ASC LIMIT $3';
const WRITE = `
            INSERT INTO kv_store (key, value, value_encoding, versionstamp, expires_at, updated_at)
            VALUES ($1, $2, $3, $4, $5, NOW())
            ON CONFLICT (key) DO UPDATE SET value = $2, value_encoding = $3, versionstamp = $4`;

/**
 * An endless server log of a key-value service: `noise` is what log_statement = all prints with a few errors in it, `errors` an error with DETAIL
 * and STATEMENT in every entry. Entries are plain objects; how they are written is the form's business.
 */
export function* entriesOf(kind, seed) {
  const random = randomFrom(seed);
  const pids = Array.from({ length: 40 }, () => 1000 + Math.floor(random() * 60_000));
  for (let index = 1, ms = START_MS; ; index++, ms += Math.floor(random() * 4)) {
    const session = { pid: pids[Math.floor(random() * pids.length)], ms, index };
    const key = `\\x02${Math.floor(random() * 1e9)
      .toString(16)
      .padStart(8, '0')}00`;
    yield {
      ...session,
      ...(kind === 'errors' || random() < ERROR_SHARE ? errorOf(random(), key) : noiseOf(random(), key, index)),
    };
  }
}

function noiseOf(roll, key, index) {
  const noise = { severity: 'LOG', sqlstate: '00000' };
  if (roll < 0.2) return { ...noise, message: 'statement: START TRANSACTION' };
  if (roll < 0.4) return { ...noise, message: 'statement: COMMIT' };
  if (roll < 0.7)
    return {
      ...noise,
      message: `execute s${index}: ${READ}`,
      detail: `parameters: $1 = '${key}', $2 = '\\xff', $3 = '100'`,
    };
  return {
    ...noise,
    message: `execute s${index}: ${WRITE}`,
    detail: `parameters: $1 = '${key}', $2 = '\\x7b22636f756e74223a317d', $3 = '1', $4 = '42', $5 = NULL`,
  };
}

function errorOf(roll, key) {
  if (roll < 0.5) {
    return {
      severity: 'ERROR',
      sqlstate: '23505',
      message: 'duplicate key value violates unique constraint "kv_store_pkey"',
      detail: `Key (key)=(${key}) already exists.`,
      statement: WRITE,
    };
  }
  return {
    severity: 'ERROR',
    sqlstate: '40P01',
    message: 'deadlock detected',
    detail:
      'Process 3121 waits for ShareLock on transaction 778; blocked by process 3122.\nProcess 3122 waits for ShareLock on transaction 779; blocked by process 3121.',
    statement: 'UPDATE data_version SET version = version + 1 WHERE k = 0 RETURNING version',
  };
}
