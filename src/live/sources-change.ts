import type { SourceStatus } from '../domain.ts';
import type { SourcesChange, SourcesNow } from './api-messages.ts';

/** What is to be sent to one who knows `before`; null: nothing. What is unchanged has to be the very same object (see SourceBook). */
export function sourcesChange(before: SourcesNow | null, now: SourcesNow): SourcesChange | null {
  const changed = new Map<number, SourceStatus>();
  now.sources.forEach((source, at) => {
    if (before?.sources[at] !== source) changed.set(at, source);
  });
  const count = now.sources.length;
  if (before?.sources.length === count && before.health === now.health && changed.size === 0) return null;
  return { count, changed, health: now.health };
}

/** The other end: what `before` has become. What is unchanged stays the very same object. */
export function changedSources(before: SourcesNow, { count, changed, health }: SourcesChange): SourcesNow {
  const kept = before.sources.slice(0, count);
  for (const [at, source] of changed) kept[at] = source;
  return { sources: kept, health };
}
