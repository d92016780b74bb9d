import type { DeadlockParty, Evidence, PostgresErrorEvent } from '../../domain.ts';
import { englishOf } from '../causes/english.ts';
import type { Claim } from '../matching/claims.ts';
import { CONCLUSIVE } from './evidence.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { shortened } from '../identity/statements.ts';

/** One process of a deadlock as its DETAIL tells it, in the order of the cycle. */
export type CycleProcess = Omit<DeadlockParty, 'application'>;

const EDGE = /^Process (\d+) waits for (.+); blocked by process (\d+)\.$/;

/**
 * Reads a deadlock's DETAIL: one line an edge until the cycle is closed, then each process's statement, in the same order. Statements have lines of their
 * own, and one may quote another deadlock, so they are cut where the next process that is due begins. Empty when the text is no cycle.
 */
export function readDeadlock(detail: string): CycleProcess[] {
  const lines = detail.split('\n');
  const edges: Omit<CycleProcess, 'statement'>[] = [];
  for (const line of lines) {
    const match = EDGE.exec(englishOf(line));
    if (match === null) break;
    edges.push({ pid: Number(match[1]), waitsFor: match[2] ?? '', heldBy: Number(match[3]) });
    if (Number(match[3]) === edges[0]?.pid) break;
  }
  if (edges.at(-1)?.heldBy !== edges[0]?.pid) return [];
  const statements = readStatements(
    lines.slice(edges.length),
    edges.map(({ pid }) => pid),
  );
  return edges.map((edge, at) => ({ ...edge, statement: statements[at] ?? null }));
}

function readStatements(lines: readonly string[], pids: readonly number[]): string[] {
  const statements: string[] = [];
  for (const line of lines) {
    const due = pids[statements.length];
    const begins = due === undefined ? null : (LABEL.exec(line)?.groups ?? null);
    if (begins !== null && Number(begins['pid']) === due) statements.push(begins['sql'] ?? '');
    else if (statements.length > 0) statements.push(`${statements.pop() ?? ''}\n${line}`);
  }
  return statements;
}

/** A word for "process" in any language, the pid, and the statement. */
const LABEL = /^\S+ (?<pid>\d+) ?[:：] ?(?<sql>.*)$/;

/** Everybody in the cycle that a failure was ended for; empty where neither log tells it. */
export function deadlockParties(
  claim: Claim,
  entry: PostgresErrorEvent | null,
  sessions: Sessions,
): readonly DeadlockParty[] {
  const told = claim.body.kind === 'server' ? (claim.body.error.detail ?? '') : '';
  // A terse log has no DETAIL; the client was told the cycle all the same, without the statements.
  return readDeadlock(entry?.detail ?? told).map((process) => ({
    ...process,
    application: entry === null ? null : sessions.nameOf(process.pid, entry),
  }));
}

/** Who blocked whom, one piece of evidence for each party. */
export function deadlockEvidence(parties: readonly DeadlockParty[]): Evidence[] {
  return parties.map(({ pid, waitsFor, heldBy, statement, application }) => {
    const who = `pid ${pid}${application === null ? '' : ` (${application})`}`;
    const ran = statement === null || statement === '' ? '' : `; it ran: ${shortened(statement)}`;
    return {
      rule: 'deadlock_cycle',
      weight: CONCLUSIVE,
      says: `${who} waited for ${waitsFor}, held by pid ${heldBy}${ran}`,
    };
  });
}
