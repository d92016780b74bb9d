import type { FailureFilter } from '../domain.ts';
import { seqFloor } from './failure-seq.ts';
import { foldCase } from './failure-table.ts';
import { FACETS } from './failure-words.ts';

export type Value = string | number | bigint;

/** A piece of a WHERE clause and what it binds. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly Value[];
}

export const NEWEST_FIRST = 'ORDER BY order_us DESC, byte_start DESC, id DESC';
/** The failures that words were found in; `seq` grows with time, so the newest can be read first without sorting. */
export const MATCHED = 'failure_words w JOIN failures f ON f.seq = w.rowid';
export const NEWEST_MATCH_FIRST = 'ORDER BY w.rowid DESC';

/** One row a filter. A text without words is searched with instr(): it knows no wildcards that would need escaping. */
const FILTERS: { readonly [K in keyof FailureFilter]-?: string } = {
  sinceUs: 'order_us >= ?',
  untilUs: 'order_us < ?',
  cause: 'cause = ?',
  operation: 'operation = ?',
  sqlstate: 'sqlstate = ?',
  certainty: 'certainty = ?',
  issue: 'issue = ?',
  incident: 'incident = ?',
  text: 'instr(search, ?) > 0',
};
const NAMES = Object.keys(FILTERS) as (keyof FailureFilter)[];

/** @param words what the index of words is asked; the filters that it covers need no condition of their own */
export function conditionsOf(filter: FailureFilter, words: string | null): readonly Condition[] {
  const plain = NAMES.flatMap((name): Condition[] => {
    const value = name === 'text' && filter.text !== undefined ? foldCase(filter.text) : filter[name];
    if (value === undefined) return [];
    // Of what an incident holds the rest is picked row by row: by a cause's own index half of all failures might be walked.
    const isPicked = filter.incident !== undefined && name !== 'incident' && name in FACETS;
    if (words === null) return [{ sql: `${isPicked ? '+' : ''}${FILTERS[name]}`, values: [value] }];
    if (name === 'text' || name in FACETS) return [];
    if (name === 'sinceUs') return [{ sql: 'w.rowid >= ?', values: [seqFloor(Number(value))] }];
    if (name === 'untilUs') return [{ sql: 'w.rowid < ?', values: [seqFloor(Number(value))] }];
    return [{ sql: FILTERS[name], values: [value] }];
  });
  return words === null ? plain : [{ sql: 'failure_words MATCH ?', values: [words] }, ...plain];
}

export function sourceOf(words: string | null): string {
  return words === null ? 'failures' : MATCHED;
}

export function where(conditions: readonly Condition[]): string {
  return conditions.length === 0 ? '' : `WHERE ${conditions.map((one) => one.sql).join(' AND ')}`;
}

export function valuesOf(conditions: readonly Condition[]): readonly Value[] {
  return conditions.flatMap((one) => one.values);
}
