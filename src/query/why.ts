import type { FailureFilter, IndexReader, LogGap, Operation, WhyAnswer, WhyMatch } from '../domain.ts';
import { EXIT, WhydError } from '../errors.ts';
import { isSqlstate } from '../sqlstate-classes.ts';
import { parseMoment, type Clock, type Moment } from '../time/parse-time.ts';
import { parseRfc3339 } from '../time/rfc3339.ts';
import { coverageOf } from './coverage.ts';
import { findByGroup, findById, findByRequest } from './find-by-id.ts';
import { findByKey } from './find-by-key.ts';
import { findByTime } from './find-by-time.ts';
import { findingOf, type Finding } from './finding.ts';

/** How many candidates an ambiguous answer shows; `total` counts them all. */
export const MATCH_LIMIT = 10;
const GAP_LIMIT = 10;
const GAPS_LOOKED_THROUGH = 200;
const NEAR_US = 60_000_000;

/** One way to read the question: null when the text has not that form at all, or nothing fits, so that the next way may try. */
type Reading = (reader: IndexReader, query: string, clock: Clock) => Finding | null;

const OPERATIONS: readonly Operation[] = ['atomic_write', 'snapshot_read'];

/** In order of how exact the form is; free text takes whatever is left. */
const READINGS: readonly Reading[] = [
  readLast,
  findById,
  (reader, query) => findByGroup(reader, query, MATCH_LIMIT),
  findByRequest,
  readTime,
  findByKey,
  readSqlstate,
  readCause,
  readOperation,
  readText,
];

/**
 * Answers "why did X fail?" from the index. Failures of one issue are one answer: the newest (for a time, the nearest) is shown and the others are
 * counted in `same`, for who asks by SQLSTATE or by a second means what fails there, and it is one thing. Where several issues fit the answer is
 * `ambiguous`, with one failure of each. A request that got no answer is no failure, and is told apart from "no match". Throws WhydError `why.empty_query` (exit 2).
 */
export function answerWhy(reader: IndexReader, query: string, clock: Clock): WhyAnswer {
  const asked = query.trim();
  if (asked === '') {
    throw new WhydError('why.empty_query', 'nothing was asked for', {
      hint: 'Give last, a failure id, a request id, a time, a KV key, an SQLSTATE, a cause, an operation or a piece of the error text.',
      exitCode: EXIT.usage,
    });
  }
  const { how, total, found, dropped = [], moment = null } = firstFinding(reader, asked, clock);
  const sources = reader.sources();
  const gaps = gapsFor(reader, moment);
  return {
    query: asked,
    result: resultOf(found.length, dropped.length),
    total,
    matches: found.slice(0, MATCH_LIMIT).map((one) => ({ how, ...one })),
    dropped: dropped.slice(0, MATCH_LIMIT),
    sources,
    gaps,
    coverage: coverageOf(sources, gaps),
  };
}

function resultOf(issues: number, dropped: number): WhyAnswer['result'] {
  if (issues === 0) return dropped === 0 ? 'no_match' : 'dropped';
  return issues === 1 ? 'match' : 'ambiguous';
}

/** Those within a minute of the asked time first, then the newest. */
function gapsFor(reader: IndexReader, moment: Moment | null): readonly LogGap[] {
  const newest = reader.gaps(GAPS_LOOKED_THROUGH);
  const isNear = ({ from, to }: LogGap): boolean => {
    if (moment === null) return false;
    const fromUs = (from === null ? null : parseRfc3339(from)?.us) ?? -Infinity;
    const toUs = (to === null ? null : parseRfc3339(to)?.us) ?? Infinity;
    return fromUs - NEAR_US <= moment.endUs && toUs + NEAR_US >= moment.startUs;
  };
  return [...newest.filter(isNear), ...newest.filter((gap) => !isNear(gap))].slice(0, GAP_LIMIT);
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
  const { items } = reader.failures({}, { limit: 1, cursor: null });
  const found = items.map((verdict) => ({ verdict, distanceMs: null, same: 0 }));
  return { how: 'last', total: found.length, found };
}

function readTime(reader: IndexReader, query: string, clock: Clock): Finding | null {
  const moment = parseMoment(query, clock);
  return moment === null ? null : { ...findByTime(reader, moment, MATCH_LIMIT), moment };
}

function readSqlstate(reader: IndexReader, query: string): Finding | null {
  const sqlstate = query.toUpperCase();
  return isSqlstate(sqlstate) ? grouped(reader, 'sqlstate', { sqlstate }) : null;
}

function readCause(reader: IndexReader, query: string): Finding | null {
  return /^[a-z][a-z_]{2,39}$/.test(query) ? grouped(reader, 'cause', { cause: query }) : null;
}

function readOperation(reader: IndexReader, query: string): Finding | null {
  const operation = OPERATIONS.find((known) => known === query);
  return operation === undefined ? null : grouped(reader, 'operation', { operation });
}

function readText(reader: IndexReader, query: string): Finding | null {
  return grouped(reader, 'text', { text: query });
}

/** Null where nothing fits: a word that looks like an SQLSTATE or a cause may still be a piece of the text. */
function grouped(reader: IndexReader, how: WhyMatch['how'], filter: FailureFilter): Finding | null {
  return findingOf(how, reader.groupFailures(filter, MATCH_LIMIT + 1));
}
