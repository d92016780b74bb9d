import type { DenokvErrorEvent, DenokvNoteEvent } from './domain.ts';

interface Span {
  readonly file: string;
  readonly fromUs: number;
  toUs: number;
}

/**
 * Says of denokv logs that cover the same time that they are joined as one. Logs that follow one another are a rotation and worth no word;
 * of two servers only the user knows whether one Postgres stands behind both.
 */
export function describeOverlaps(events: readonly (DenokvErrorEvent | DenokvNoteEvent)[]): readonly string[] {
  const spans = [...spansOf(events).values()].sort((a, b) => a.fromUs - b.fromUs);
  const found: string[] = [];
  for (const [index, later] of spans.entries()) {
    const earlier = spans[index - 1];
    // A rotation may fall inside one printed second, so touching is no overlap.
    if (earlier === undefined || earlier.toUs <= later.fromUs) continue;
    found.push(
      `${earlier.file} and ${later.file} are denokv logs of the same time, joined as if one Postgres stood behind both: ` +
        'where each server has its own, analyze them one by one',
    );
  }
  return found;
}

function spansOf(events: readonly (DenokvErrorEvent | DenokvNoteEvent)[]): ReadonlyMap<number, Span> {
  const spans = new Map<number, Span>();
  for (const { at, citation } of events) {
    if (at === null) continue;
    const span = spans.get(citation.fileId);
    if (span === undefined) spans.set(citation.fileId, { file: citation.file, fromUs: at.us, toUs: at.us });
    else span.toUs = Math.max(span.toUs, at.us);
  }
  return spans;
}
