import type { FailureFilter, IndexReader, Operation, WhyAnswer, WhyMatch } from '../domain.ts';
import { EXIT, WhydError } from '../errors.ts';
import { isSqlstate } from '../sqlstate-classes.ts';
import { parseMoment, type Clock } from '../time/parse-time.ts';
import { coverageOf } from './coverage.ts';
import { findById } from './find-by-id.ts';
import { findByTime } from './find-by-time.ts';
import type { Finding } from './finding.ts';

/** How many candidates an ambiguous answer shows; `total` counts them all. */
export const MATCH_LIMIT = 10;

/** One way to read the question: null when the text has not that form at all, so that the next way may try. */
type Reading = (reader: IndexReader, query: string, clock: Clock) => Finding | null;

const OPERATIONS: readonly Operation[] = ['atomic_write', 'snapshot_read'];

/** In order of how exact the form is; free text takes whatever is left. */
const READINGS: readonly Reading[] = [readLast, findById, readTime, readSqlstate, readCause, readOperation, readText];

/**
 * Answers "why did X fail?" from the index. One match is a `match`; several are `ambiguous`, newest first (nearest first for a time), even
 * where all have the same cause: two deadlocks have two different culprits, so picking the newest silently would answer a question that was
 * not asked. Who wants the newest asks for `last`. Throws WhydError `why.empty_query` (exit 2).
 */
export function answerWhy(reader: IndexReader, query: string, clock: Clock): WhyAnswer {
  const asked = query.trim();
  if (asked === '') {
    throw new WhydError('why.empty_query', 'nothing was asked for', {
      hint: 'Give last, a failure id, a time, an SQLSTATE, a cause, an operation or a piece of the error text.',
      exitCode: EXIT.usage,
    });
  }
  const finding = firstFinding(reader, asked, clock);
  return {
    query: asked,
    result: finding.total === 0 ? 'no_match' : finding.total === 1 ? 'match' : 'ambiguous',
    total: finding.total,
    matches: finding.found.slice(0, MATCH_LIMIT).map((one) => ({ how: finding.how, same: 0, ...one })),
    sources: reader.sources(),
    coverage: coverageOf(reader.sources()),
  };
}

function firstFinding(reader: IndexReader, query: string, clock: Clock): Finding {
  for (const reading of READINGS) {
    const finding = reading(reader, query, clock);
    if (finding !== null) return finding;
  }
  return { how: 'text', total: 0, found: [] };
}

function readLast(reader: IndexReader, query: string): Finding | null {
  if (query.toLowerCase() !== 'last') return null;
  const newest = newestOf(reader, {}, 1);
  return { how: 'last', total: newest.length, found: newest };
}

function readTime(reader: IndexReader, query: string, clock: Clock): Finding | null {
  const moment = parseMoment(query, clock);
  return moment === null ? null : findByTime(reader, moment, MATCH_LIMIT);
}

function readSqlstate(reader: IndexReader, query: string): Finding | null {
  const sqlstate = query.toUpperCase();
  return isSqlstate(sqlstate) ? matchesOrNull(reader, 'sqlstate', { sqlstate }) : null;
}

function readCause(reader: IndexReader, query: string): Finding | null {
  return /^[a-z][a-z_]{2,39}$/.test(query) ? matchesOrNull(reader, 'cause', { cause: query }) : null;
}

function readOperation(reader: IndexReader, query: string): Finding | null {
  const operation = OPERATIONS.find((known) => known === query);
  return operation === undefined ? null : matchesOrNull(reader, 'operation', { operation });
}

function readText(reader: IndexReader, query: string): Finding | null {
  return matchesOrNull(reader, 'text', { text: query });
}

/** Null where nothing fits: a word that looks like an SQLSTATE or a cause may still be a piece of the text. */
function matchesOrNull(reader: IndexReader, how: WhyMatch['how'], filter: FailureFilter): Finding | null {
  const total = reader.countFailures(filter);
  return total === 0 ? null : { how, total, found: newestOf(reader, filter, MATCH_LIMIT) };
}

function newestOf(reader: IndexReader, filter: FailureFilter, limit: number): Finding['found'] {
  const page = reader.failures(filter, { limit, cursor: null });
  return page.items.map((verdict) => ({ verdict, distanceMs: null }));
}
