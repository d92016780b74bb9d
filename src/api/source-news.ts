import type { SourceStatus } from '../domain.ts';

/** From here on a log counts as behind, as in an answer's coverage. */
const BEHIND_BYTES = 2 ** 20;

/**
 * The sources of which a listener must hear: those that are new, and those whose health, format or gaps have changed, or that have fallen behind or caught
 * up. Positions and counts change with every line; who shows them asks again now and then.
 */
export function sourceNews(before: readonly SourceStatus[], now: readonly SourceStatus[]): readonly SourceStatus[] {
  // Mostly one of a thousand is another object than before: only such ones are looked at more closely.
  const same = new Set(before);
  const changed = now.filter((source) => !same.has(source));
  if (changed.length === 0) return [];
  const places = new Set(changed.map(placeOf));
  const known = new Map(
    before.filter((source) => places.has(placeOf(source))).map((source) => [placeOf(source), healthOf(source)]),
  );
  return changed.filter((source) => known.get(placeOf(source)) !== healthOf(source));
}

function placeOf({ kind, path }: SourceStatus): string {
  return `${kind} ${path}`;
}

function healthOf({ state, reason, hint, gaps, detection, lagBytes }: SourceStatus): string {
  return JSON.stringify([state, reason, hint, gaps, detection, lagBytes >= BEHIND_BYTES]);
}
