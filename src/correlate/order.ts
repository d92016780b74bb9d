import type { LogEvent } from '../domain.ts';

/** Order of time; within one printed time the order of the file, and files in the order they were given. Events without a time come in file order. */
export function byTime(a: LogEvent, b: LogEvent): number {
  const sameFile = a.citation.fileId === b.citation.fileId;
  // One writer's file is already in the order in which things happened, whatever clock step or cut-off digits say.
  if (sameFile && (a.at === null || b.at === null || a.at.us === b.at.us))
    return a.citation.byteStart - b.citation.byteStart;
  return (
    (a.at?.us ?? 0) - (b.at?.us ?? 0) ||
    a.citation.fileId - b.citation.fileId ||
    a.citation.byteStart - b.citation.byteStart
  );
}
