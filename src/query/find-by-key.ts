import type { IndexReader } from '../domain.ts';
import { foundAmong, type Finding } from './finding.ts';
import { parseKvKey } from './parse-key.ts';

const LIMIT = 1000;

/** The failures whose log lines name a KV key, or keys below it. Null when the text is no key, or no line names it. */
export function findByKey(reader: IndexReader, query: string): Finding | null {
  const key = parseKvKey(query);
  const verdicts = key === null ? [] : reader.failuresByKey(key, LIMIT);
  if (verdicts.length === 0) return null;
  return { how: 'key', total: verdicts.length, found: foundAmong(verdicts) };
}
