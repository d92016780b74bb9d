import type { IndexReader } from '../domain.ts';
import { findingOf, foundAmong, type Finding } from './finding.ts';

/** An id or its beginning; two characters after `f_` are too few to mean anything. */
const FAILURE_ID = /^f_[0-9A-Za-z_-]{3,}$/;
const ISSUE_ID = /^i_[0-9a-z]+$/;
const INCIDENT_ID = /^n_[0-9a-z]+$/;
/** What proxies and tracers make: no blanks, and too long to be a word. */
const REQUEST_ID = /^[\w.:/+=-]{6,200}$/;
const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/i;

const LIMIT = 1000;

/** The failure with that id or, failing that, those whose id begins so. Null when the text is no id. */
export function findById(reader: IndexReader, query: string): Finding | null {
  if (!FAILURE_ID.test(query)) return null;
  const exact = reader.failureById(query);
  const verdicts = exact === null ? reader.failuresByIdPrefix(query, LIMIT) : [exact];
  // Who gives an id means one failure, so those of one issue are not taken together.
  const found = verdicts.map((verdict) => ({ verdict, distanceMs: null, same: 0 }));
  return { how: 'id', total: verdicts.length, found };
}

/** The failures of an issue or an incident. */
export function findByGroup(reader: IndexReader, query: string, limit: number): Finding | null {
  if (ISSUE_ID.test(query)) return findingOf('issue', reader.groupFailures({ issue: query }, limit));
  if (INCIDENT_ID.test(query)) return findingOf('incident', reader.groupFailures({ incident: query }, limit));
  return null;
}

/** What became of a request: by its own id, its trace's id, or a whole traceparent. */
export function findByRequest(reader: IndexReader, query: string): Finding | null {
  if (!REQUEST_ID.test(query)) return null;
  const trace = TRACEPARENT.exec(query)?.[1];
  for (const id of new Set([query, ...(trace === undefined ? [] : [trace.toLowerCase()]), query.toLowerCase()])) {
    const verdicts = reader.failuresByRequest(id, LIMIT);
    const dropped = reader.droppedById(id, LIMIT);
    if (verdicts.length === 0 && dropped.length === 0) continue;
    return { how: 'request', total: verdicts.length, found: foundAmong(verdicts), dropped };
  }
  return null;
}
