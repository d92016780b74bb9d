import type { CauseRow } from './row.ts';

/** What a failure named: table, column, constraint and so on, by the names of the row's groups. */
export type CauseObjects = Readonly<Record<string, string>>;

const OBJECT_MAX_CHARS = 160;
const SEGMENT = /\[([^[\]]*)\]|\{(\w+)(?:\|([^{}]*))?\}/g;
const PLACE = /\{(\w+)\}/g;

/** A piece of a sentence: the names it needs, and what it says with the objects of a failure. */
type Piece = (objects: CauseObjects) => string;

const sentences = new Map<CauseRow, readonly Piece[]>();

/** Fills the row's sentence with the objects that this failure had; segments and places without theirs fall back as row.ts says. */
export function summarise(row: CauseRow, objects: CauseObjects): string {
  let pieces = sentences.get(row);
  if (pieces === undefined) sentences.set(row, (pieces = piecesOf(row.summary)));
  let sentence = '';
  for (const piece of pieces) sentence += piece(objects);
  return sentence;
}

function piecesOf(summary: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of summary.matchAll(SEGMENT)) {
    const literal = summary.slice(from, match.index);
    const [, optional, name = '', fallback = ''] = match as unknown as readonly (string | undefined)[];
    pieces.push(
      () => literal,
      optional === undefined ? (objects) => objects[name] ?? fallback : optionalPiece(optional),
    );
    from = match.index + match[0].length;
  }
  const rest = summary.slice(from);
  return [...pieces, () => rest];
}

function optionalPiece(segment: string): Piece {
  const names = [...segment.matchAll(PLACE)].map(([, name = '']) => name);
  return (objects) =>
    names.every((name) => name in objects) ? segment.replace(PLACE, (_, name: string) => objects[name] ?? '') : '';
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
