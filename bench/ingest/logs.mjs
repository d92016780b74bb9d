import { closeSync, openSync, statSync, writeSync } from 'node:fs';

const stamp = (ms) => new Date(ms).toISOString().replace('T', ' ').slice(0, 23);

export const noise = (pid, at) =>
  `${stamp(at)} UTC [${pid}] denokv@kv LOG:  statement: SELECT value, version FROM kv_store WHERE key = $1 AND expires_at IS NULL -- ${pid}\n`;

export const error = (pid, number, at) =>
  `${stamp(at)} UTC [${pid}] denokv@kv ERROR:  duplicate key value violates unique constraint "c${number}"\n` +
  `${stamp(at)} UTC [${pid}] denokv@kv DETAIL:  Key (key)=(${number}) already exists.\n` +
  `${stamp(at)} UTC [${pid}] denokv@kv STATEMENT:  INSERT INTO kv_store (key, value) VALUES ($1, $2)\n`;

export const symptom = (number, at) => {
  const text = `Database error: db error: ERROR: duplicate key value violates unique constraint "c${number}"\n    DETAIL: Key (key)=(${number}) already exists.\n`;
  const head = `[${new Date(at).toISOString().slice(0, 19)}Z ERROR denokv] `;
  return `${head}atomic_write failed: ${text}${head}Database error: ${text}`;
};

const LINE_BYTES = noise(1000, 0).length;
const LINES_PER_ERROR = 200;

/**
 * One error in 200 lines of statement noise: what a host with log_statement = all writes.
 * @param spanMs the log ends now and began so long ago: the joiner's window must have something to slide over
 */
export function writeBigLog(path, bytes, spanMs) {
  const file = openSync(path, 'w');
  const startMs = Date.now() - spanMs;
  let [entries, errors, lines, written, block] = [0, 0, 0, 0, ''];
  while (written + block.length < bytes) {
    const at = startMs + (spanMs * (written + block.length)) / bytes;
    const pid = 1000 + (entries % 8);
    const isError = entries % LINES_PER_ERROR === LINES_PER_ERROR - 1;
    block += isError ? error(pid, errors++, at) : noise(pid, at);
    lines += isError ? 3 : 1;
    entries += 1;
    if (block.length < 1 << 20) continue;
    written += writeSync(file, block);
    block = '';
  }
  writeSync(file, block);
  closeSync(file);
  return { lines, errors, bytes: statSync(path).size };
}

/** Bytes of so many lines. */
export const bytesOfLines = (lines) => lines * LINE_BYTES;
