import type { Evidence, PostgresContextEvent, PostgresErrorEvent } from '../../domain.ts';
import type { Sessions } from './sessions.ts';
import { shortened } from '../identity/statements.ts';

/** The calls by which one session ends another, or what it runs; a pid is there where it was typed and not looked up. */
const CALL = /\bpg_(terminate|cancel)_backend\s*\(\s*(\d+)?/i;
/** `log_statement` writes a statement before it runs, `log_min_duration_statement` after it. */
const REACH_US = { before: 2_000_000, after: 200_000 } as const;
/** A named pid leaves no doubt; a statement that looks its victims up, just then, little. */
const WEIGHT = { named: 4.6, lookedUp: 2.3 } as const;

/** Who ended a session (57P01) or canceled its statement (57014): the last that called for it just then, where its statement was logged. */
export function endedByEvidence(error: PostgresErrorEvent, sessions: Sessions): Evidence[] {
  if (error.at === null) return [];
  const { us } = error.at;
  let last: { readonly entry: PostgresContextEvent; readonly sql: string; readonly isNamed: boolean } | null = null;
  for (const entry of sessions.within(us - REACH_US.before, us + REACH_US.after)) {
    if (entry.kind !== 'postgres_context') continue;
    const sql = entry.statement ?? entry.message.slice(entry.message.indexOf(': ') + 2);
    const call = CALL.exec(sql);
    if (call === null || (call[1]?.toLowerCase() === 'cancel') !== (error.sqlstate === '57014')) continue;
    const isNamed = call[2] !== undefined;
    if (isNamed && Number(call[2]) !== error.pid) continue;
    // What was written after the end is its reason only where nothing before it is.
    if (last === null || isBefore(entry, error)) last = { entry, sql, isNamed };
  }
  if (last === null) return [];
  const { entry, sql, isNamed } = last;
  const name = entry.pid === null ? null : sessions.nameOf(entry.pid, entry);
  const who = `${entry.pid === null ? 'a session' : `pid ${String(entry.pid)}`}${name === null ? '' : ` (${name})`}`;
  const place = `${entry.citation.file}:${String(entry.citation.line)}`;
  const says = `${who} ${isNamed ? 'called for it' : 'ended sessions just then'}: ${shortened(sql)} (${place})`;
  return [{ rule: 'ended_by', weight: isNamed ? WEIGHT.named : WEIGHT.lookedUp, says }];
}

/** By place, where one log has both: it may stamp whole seconds. */
function isBefore({ at, citation }: PostgresContextEvent, error: PostgresErrorEvent): boolean {
  if (citation.fileId === error.citation.fileId) return citation.byteStart < error.citation.byteStart;
  return at !== null && error.at !== null && at.us <= error.at.us;
}
