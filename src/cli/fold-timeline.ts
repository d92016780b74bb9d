import type { TimelineEntry } from '../domain.ts';

/** Entries alike between two that tell the story, shown once. */
export interface FoldedEntry {
  readonly first: TimelineEntry;
  /** How many more there are. */
  readonly alike: number;
  readonly lastAt: string | null;
}

interface Fold extends FoldedEntry {
  alike: number;
  lastAt: string | null;
}

/** What the story is: each of these stands by itself, and nothing is folded across it. */
const TELLING: readonly TimelineEntry['role'][] = ['symptom', 'entry', 'root'];

/** In a storm denokv and Postgres say the same by turns, so what is alike need not follow each other at once. */
export function foldTimeline(entries: readonly TimelineEntry[]): readonly FoldedEntry[] {
  const folds: Fold[] = [];
  const open = new Map<string, Fold>();
  for (const entry of entries) {
    const shape = shapeOf(entry);
    const known = open.get(shape);
    if (isTelling(entry)) open.clear();
    else if (known !== undefined) {
      known.alike += 1;
      known.lastAt = entry.at ?? known.lastAt;
      continue;
    }
    const fold = { first: entry, alike: 0, lastAt: entry.at };
    folds.push(fold);
    if (!isTelling(entry)) open.set(shape, fold);
  }
  return folds;
}

export interface BoundedFolds {
  readonly shown: readonly FoldedEntry[];
  /** Entries, not folds. */
  readonly leftOut: number;
}

/** At most so many: the story, then what the same session did and what stands nearest to the story. */
export function boundFolds(folds: readonly FoldedEntry[], most: number): BoundedFolds {
  if (folds.length <= most) return { shown: folds, leftOut: 0 };
  const centre = folds.findIndex(({ first: { role } }) => role === 'symptom' || role === 'entry');
  const ranked = folds
    .map((fold, index) => ({ fold, rank: rankOf(fold), distance: Math.abs(index - centre) }))
    .sort((one, other) => one.rank - other.rank || one.distance - other.distance);
  const kept = new Set(ranked.slice(0, most).map(({ fold }) => fold));
  const leftOut = ranked.slice(most).reduce((sum, { fold }) => sum + 1 + fold.alike, 0);
  return { shown: folds.filter((fold) => kept.has(fold)), leftOut };
}

function isTelling({ role }: TimelineEntry): boolean {
  return TELLING.includes(role);
}

function rankOf({ first }: FoldedEntry): number {
  if (isTelling(first)) return 0;
  return first.role === 'session' ? 1 : 2;
}

/** Numbers (pids, keys, times) tell one entry of a kind from the next; the first line says of which kind it is. */
function shapeOf({ source, role, severity, sqlstate, text }: TimelineEntry): string {
  const [firstLine = ''] = text.split('\n', 1);
  return [source, role, severity, sqlstate, firstLine.replace(/\d+/g, '#')].join('\0');
}
