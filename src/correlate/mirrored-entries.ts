import type { LogFormat, PostgresContextEvent, PostgresErrorEvent } from '../domain.ts';
import { groupBy } from './group-by.ts';

type Entry = PostgresContextEvent | PostgresErrorEvent;

/** Which form tells most: the later ones lack SQLSTATE, application or session unless the prefix asks for them. */
const RICHNESS: readonly LogFormat[] = ['postgres_json', 'postgres_csv', 'postgres_stderr'];
const SECOND_US = 1_000_000;

/**
 * One of each entry: with log_destination = 'stderr,csvlog' Postgres writes every entry into two files, and a failure must not find two that fit.
 * The richer form stays. `entries` in order of time; so is the result.
 */
export function withoutMirrors(entries: readonly Entry[]): readonly Entry[] {
  const fileId = entries[0]?.citation.fileId;
  if (entries.every(({ citation }) => citation.fileId === fileId)) return entries;
  const mirrors = new Set<Entry>();
  for (const alike of groupBy(entries, keyOf).values()) {
    const [richest = [], ...others] = [...groupBy(alike, ({ citation }) => String(citation.fileId)).values()].sort(
      ([a], [b]) => richnessOf(a) - richnessOf(b) || (a?.citation.fileId ?? 0) - (b?.citation.fileId ?? 0),
    );
    for (const other of others) for (const entry of mirrorsIn(other, richest)) mirrors.add(entry);
  }
  return mirrors.size === 0 ? entries : entries.filter((entry) => !mirrors.has(entry));
}

function keyOf({ at, pid, message }: Entry): string {
  return [pid, at === null ? '' : Math.floor(at.us / SECOND_US), message].join('\0');
}

function richnessOf(entry: Entry | undefined): number {
  return entry === undefined ? RICHNESS.length : RICHNESS.indexOf(entry.format);
}

/** Those of `entries` that have a twin in `originals`, one to one; both in order of time. */
function mirrorsIn(entries: readonly Entry[], originals: readonly Entry[]): Entry[] {
  let next = 0;
  return entries.filter((entry) => {
    for (let at = next; at < originals.length; at++) {
      const original = originals[at];
      if (original === undefined || !isTwin(entry, original)) continue;
      next = at + 1;
      return true;
    }
    return false;
  });
}

/** Rotation may part two equal entries of one session and second too, so in one form only an equal fine time, and a pid, make twins. */
function isTwin(a: Entry, b: Entry): boolean {
  if (a.at === null || b.at === null) return false;
  const areFine = a.at.precision !== 'second' && b.at.precision !== 'second';
  if (areFine && a.at.us !== b.at.us) return false;
  return a.format !== b.format || (areFine && a.pid !== null);
}
