import type { Evidence, PostgresErrorEvent } from '../domain.ts';
import { englishOf } from './causes/english.ts';
import type { Claim } from './claims.ts';
import { CONCLUSIVE } from './evidence.ts';
import type { Sessions } from './sessions.ts';
import { shortened } from './statements.ts';

/** One process of a deadlock, in the order of the cycle: each is blocked by the next, the last by the first. */
export interface DeadlockParty {
  readonly pid: number;
  /** Mode and target, as `ShareLock on transaction 739`. */
  readonly waitsFor: string;
  readonly blockedBy: number;
  /** Only the server's log tells it. */
  readonly statement: string | null;
}

const EDGE = /^Process (\d+) waits for (.+); blocked by process (\d+)\.$/;

/**
 * Reads a deadlock's DETAIL: one line an edge until the cycle is closed, then each process's statement, in the same order. Statements have lines of their
 * own, and one may quote another deadlock, so they are cut where the next process that is due begins. Empty when the text is no cycle.
 */
export function readDeadlock(detail: string): DeadlockParty[] {
  const lines = detail.split('\n');
  const edges: Omit<DeadlockParty, 'statement'>[] = [];
  for (const line of lines) {
    const match = EDGE.exec(englishOf(line));
    if (match === null) break;
    edges.push({ pid: Number(match[1]), waitsFor: match[2] ?? '', blockedBy: Number(match[3]) });
    if (Number(match[3]) === edges[0]?.pid) break;
  }
  if (edges.at(-1)?.blockedBy !== edges[0]?.pid) return [];
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

/** Who blocked whom, one piece of evidence for each party. */
export function deadlockEvidence(claim: Claim, entry: PostgresErrorEvent | null, sessions: Sessions): Evidence[] {
  const told = claim.body.kind === 'server' ? (claim.body.error.detail ?? '') : '';
  // A terse log has no DETAIL; the client was told the cycle all the same, without the statements.
  return readDeadlock(entry?.detail ?? told).map(({ pid, waitsFor, blockedBy, statement }) => {
    const name = entry === null ? null : sessions.nameOf(pid, entry);
    const who = `pid ${pid}${name === null ? '' : ` (${name})`}`;
    const ran = statement === null || statement === '' ? '' : `; it ran: ${shortened(statement)}`;
    return {
      rule: 'deadlock_cycle',
      weight: CONCLUSIVE,
      says: `${who} waited for ${waitsFor}, held by pid ${blockedBy}${ran}`,
    };
  });
}
