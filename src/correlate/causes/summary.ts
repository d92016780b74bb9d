import type { CauseRow } from './row.ts';

/** What a failure named: table, column, constraint and so on, by the names of the row's groups. */
export type CauseObjects = Readonly<Record<string, string>>;

const OBJECT_MAX_CHARS = 160;
const SEGMENT = /\[([^[\]]*)\]|\{(\w+)(?:\|([^{}]*))?\}/g;
const PLACE = /\{(\w+)\}/g;

/** Fills the row's sentence with the objects that this failure had; segments and places without theirs fall back as row.ts says. */
export function summarise(row: CauseRow, objects: CauseObjects): string {
  return row.summary.replace(SEGMENT, (_, optional?: string, name?: string, fallback?: string) => {
    if (optional !== undefined) return fillAll(optional, objects);
    return (name === undefined ? undefined : objects[name]) ?? fallback ?? '';
  });
}

function fillAll(segment: string, objects: CauseObjects): string {
  const isComplete = [...segment.matchAll(PLACE)].every(([, name]) => name !== undefined && name in objects);
  return isComplete ? segment.replace(PLACE, (_, name: string) => objects[name] ?? '') : '';
}

/** Collects the row's named groups from message and detail; of two groups of one name the first to fit wins. */
export function findObjects(row: CauseRow, message: string, detail: string | null): CauseObjects {
  const found: Record<string, string> = {};
  for (const pattern of row.objects) {
    collect(pattern.exec(message), found);
    if (detail !== null) collect(pattern.exec(detail), found);
  }
  return found;
}

function collect(match: RegExpExecArray | null, into: Record<string, string>): void {
  for (const [name, value] of Object.entries(match?.groups ?? {})) {
    // A group that took no part in the match is undefined, whatever the type says.
    if ((value as string | undefined) !== undefined) into[name] ??= value.slice(0, OBJECT_MAX_CHARS);
  }
}
