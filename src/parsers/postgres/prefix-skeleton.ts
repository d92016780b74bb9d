import { encodeUtf8 } from '../latin1.ts';
import { LABEL_GROUPS, LABEL_SOURCE, LABELS } from './labels.ts';
import { labelOf } from './line-prefix.ts';
import {
  BLANKS_SOURCE,
  FIELD_SOURCE,
  LAZY_NAME,
  TIDY_NAME_SOURCE,
  TIDY_SOURCE,
  type PrefixField,
} from './prefix-field.ts';
import { shapesOfPrefix, signatureOf, type ShapePart } from './prefix-shape.ts';
import type { EntryLine } from './entry-line.ts';

/** What one part of a prefix held over the sampled lines; row i of all columns is one line. */
export interface Column {
  /** Index of its part in the shape. */
  readonly part: number;
  readonly kind: 'number' | 'word' | PrefixField;
  readonly values: readonly string[];
}

/** One way to cut prefixes into parts, tried on all sampled lines: columns of values, and the lines that it cannot read. */
export interface Skeleton {
  readonly parts: readonly ShapePart[];
  readonly rows: readonly EntryLine[];
  readonly columns: readonly Column[];
  readonly unread: readonly EntryLine[];
}

const NUMBER_SOURCE = String.raw`(?:-?\d{0,20}|[0-9A-Z]{5})`;

/** The cuts that the lines themselves propose, the fullest and commonest first: lines of a session have more parts than those of a background process. */
export function proposeSkeletons(lines: readonly EntryLine[], limit: number): Skeleton[] {
  const proposals = new Map<string, { readonly parts: readonly ShapePart[]; count: number }>();
  const shapes = lines.flatMap(({ prefix }) => shapesOfPrefix(prefix));
  const withPorts = portsOf(shapes);
  for (const shape of shapes) {
    const parts = asOrigins(shape, withPorts);
    if (!isPlausible(parts)) continue;
    const signature = signatureOf(parts);
    const known = proposals.get(signature);
    if (known === undefined) proposals.set(signature, { parts, count: 1 });
    else known.count++;
  }
  return [...proposals.values()]
    .sort((a, b) => weightOf(b) - weightOf(a))
    .slice(0, limit)
    .map(({ parts }) => lay(parts, lines));
}

/** Which of a prefix' hosts show ports in some line, by how many hosts it has: %r looks like %h where the session is local. */
type OriginPlaces = ReadonlyMap<number, ReadonlySet<number>>;

function portsOf(shapes: readonly (readonly ShapePart[])[]): OriginPlaces {
  const places = new Map<number, Set<number>>();
  for (const shape of shapes) {
    const hosts = shape.filter(isHost);
    const known = places.get(hosts.length) ?? new Set();
    places.set(hosts.length, known);
    for (const [index, { field }] of hosts.entries()) if (field === 'r') known.add(index);
  }
  return places;
}

function asOrigins(shape: readonly ShapePart[], places: OriginPlaces): readonly ShapePart[] {
  const origins = places.get(shape.filter(isHost).length);
  let host = 0;
  return shape.map((part) => (isHost(part) && origins?.has(host++) === true ? { kind: 'field', field: 'r' } : part));
}

function isHost(part: ShapePart): part is ShapePart & { readonly field: 'h' | 'r' } {
  return part.kind === 'field' && (part.field === 'h' || part.field === 'r');
}

/** There are 20 escapes, and four of them are names: a text of more parts is no prefix, and a pattern of more names takes ages to fail. */
function isPlausible(parts: readonly ShapePart[]): boolean {
  const fields = parts.filter(({ kind }) => kind !== 'literal');
  const names = fields.filter((part) => part.kind === 'word' || (part.kind === 'field' && 'udai'.includes(part.field)));
  return fields.length <= 24 && names.length <= 7;
}

/** Regex source of parts; `tidy` reads names without punctuation only. */
export function sourceOfParts(parts: readonly ShapePart[], tidy: boolean): string {
  return parts.map((part) => sourceOfPart(part, tidy)).join('');
}

function lay(parts: readonly ShapePart[], lines: readonly EntryLine[]): Skeleton {
  const [tidy, loose] = [true, false].map((isTidy) => new RegExp(`^${sourceOfParts(parts, isTidy)}${LABEL_SOURCE}`));
  const rows: EntryLine[] = [];
  const unread: EntryLine[] = [];
  const matches: string[][] = [];
  for (const line of lines) {
    const match = [tidy, loose]
      .map((pattern) => pattern?.exec(line.text))
      .find((found) => found != null && LABELS.has(labelOf(found)));
    if (match == null) {
      unread.push(line);
    } else {
      rows.push({ ...line, label: labelOf(match), message: line.text.slice(match[0].length) });
      matches.push(match.slice(1, -LABEL_GROUPS));
    }
  }
  const columns = parts
    .flatMap((part, index) =>
      part.kind === 'literal' ? [] : [{ part: index, kind: part.kind === 'field' ? part.field : part.kind }],
    )
    .map((column, index) => ({ ...column, values: matches.map((values) => (values[index] ?? '').trim()) }));
  return { parts, rows, columns, unread };
}

function sourceOfPart(part: ShapePart, tidy: boolean): string {
  switch (part.kind) {
    case 'literal':
      return encodeUtf8(part.text)
        .replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`)
        .replaceAll(/ +/g, BLANKS_SOURCE);
    case 'field':
      return `(${(tidy ? TIDY_SOURCE : FIELD_SOURCE)[part.field]})`;
    case 'number':
      return `(${NUMBER_SOURCE})`;
    case 'word':
      return `(${tidy ? TIDY_NAME_SOURCE : LAZY_NAME})`;
  }
}

function weightOf({ parts, count }: { readonly parts: readonly ShapePart[]; readonly count: number }): number {
  const fields = parts.filter((part) => part.kind !== 'literal').length;
  return Math.min(999, count) * Math.min(fields, 3) + (count < 2 ? 0 : fields);
}
