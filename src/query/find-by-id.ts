import type { IndexReader, Verdict } from '../domain.ts';
import type { Finding } from './finding.ts';

/** An id or its beginning; two characters after `f_` are too few to mean anything. */
const ID_FORM = /^f_[0-9A-Za-z_-]{3,}$/;

const PAGE_SIZE = 500;
/** Prefixes are looked up among the newest failures only: the index has no order by id, and a whole id never comes here. */
const PREFIX_SCAN_LIMIT = 10_000;

/** The failure with that id or, failing that, those whose id begins so. Null when the text is no id. */
export function findById(reader: IndexReader, query: string): Finding | null {
  if (!ID_FORM.test(query)) return null;
  const exact = reader.failureById(query);
  const verdicts = exact === null ? scanForPrefix(reader, query) : [exact];
  return { how: 'id', total: verdicts.length, found: verdicts.map((verdict) => ({ verdict, distanceMs: null })) };
}

function scanForPrefix(reader: IndexReader, prefix: string): readonly Verdict[] {
  const found: Verdict[] = [];
  let cursor: string | null = null;
  for (let scanned = 0; scanned < PREFIX_SCAN_LIMIT; scanned += PAGE_SIZE) {
    const page = reader.failures({}, { limit: PAGE_SIZE, cursor });
    found.push(...page.items.filter((verdict) => verdict.id.startsWith(prefix)));
    cursor = page.nextCursor;
    if (cursor === null) break;
  }
  return found;
}
