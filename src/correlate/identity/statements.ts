import type { Operation } from '../../domain.ts';
import { Memo } from '../../memo.ts';

/** What denokv uses a statement for; `transaction` opens or closes one (a write, or the queue clean-up), `foreign` is nobody's of denokv. */
export type StatementUse = Operation | 'background' | 'startup' | 'transaction' | 'foreign' | 'unknown';

/** denokv's SQL, white space normalised, by what it does; the first that fits wins. */
const USES: readonly (readonly [StatementUse, RegExp])[] = [
  ['snapshot_read', /^SELECT key, value, value_encoding, versionstamp FROM kv_store WHERE key >= \$1/i],
  ['atomic_write', /^UPDATE data_version SET version = version \+ 1/i],
  ['atomic_write', /^SELECT versionstamp FROM kv_store WHERE key = \$1/i],
  ['atomic_write', /^SELECT value(?:, value_encoding)? FROM kv_store WHERE key = \$1/i],
  ['atomic_write', /^INSERT INTO kv_store \(key, value, value_encoding, versionstamp/i],
  ['background', /^DELETE FROM kv_store WHERE expires_at IS NOT NULL/i],
  ['atomic_write', /^DELETE FROM kv_store WHERE key = \$1/i],
  [
    'background',
    /^(?:SELECT .* FROM queue_running|INSERT INTO queue_running|DELETE FROM queue_(?:running|messages)|UPDATE queue_(?:running|messages))/i,
  ],
  ['atomic_write', /^INSERT INTO queue_messages \(payload/i],
  ['startup', /^(?:CREATE (?:TABLE|INDEX|SEQUENCE) IF NOT EXISTS|INSERT INTO data_version)/i],
  ['transaction', /^(?:START TRANSACTION|BEGIN|COMMIT|ROLLBACK)\b/i],
];

/** What a statement is for stands at its beginning, behind a comment at most; a bulk insert is megabytes long. */
const TELLING_CHARS = 1000;
const uses = new Memo<StatementUse>();

/** `statement` as the log prints it; null when the entry has none. */
export function useOfStatement(statement: string | null): StatementUse {
  if (statement === null) return 'unknown';
  return uses.get(statement.slice(0, TELLING_CHARS), useOfBeginning);
}

function useOfBeginning(beginning: string): StatementUse {
  // denokv's SQL begins with a newline and indentation; a comment in front may carry a request id.
  const sql = beginning
    .replace(/\/\*[^]*?\*\//g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return USES.find(([, pattern]) => pattern.test(sql))?.[0] ?? 'foreign';
}

/** The operation that a request must have been for this statement to run; null when several could. */
export function operationOfUse(use: StatementUse): Operation | null {
  return use === 'atomic_write' || use === 'snapshot_read' ? use : null;
}

const SHORT_CHARS = 120;

/** A statement on one line, for a sentence. */
export function shortened(statement: string): string {
  return oneLines.get(statement, shorten);
}

const oneLines = new Memo<string>();

function shorten(statement: string): string {
  const line = statement.slice(0, TELLING_CHARS).replace(/\s+/g, ' ').trim();
  return line.length <= SHORT_CHARS ? line : `${line.slice(0, SHORT_CHARS - 1)}…`;
}
