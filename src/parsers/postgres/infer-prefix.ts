import { LABEL_SOURCE } from './labels.ts';
import { compilePrefix, type PrefixField, type PrefixMatcher } from './line-prefix.ts';
import { shapeOfPrefix, signatureOf, type ShapePart } from './prefix-shape.ts';

/** A prefix found in the log itself; `confidence` is the share of the entry lines in the sample that it reads. */
export interface InferredPrefix {
  readonly matcher: PrefixMatcher;
  readonly confidence: number;
}

const ENTRY_LINE = new RegExp(`^([^\\t\\n].{0,300}?|)(?<![A-Za-z])${LABEL_SOURCE}`);
/** Messages of processes without a session: a word that stands before them too is no user. */
const BACKGROUND_MESSAGE = /^(?:starting PostgreSQL|listening on|database system|checkpoint|redo|received|autovacuum|parameter|shutting down)/;
const MAX_CANDIDATES = 6;

interface PrefixSample {
  readonly prefix: string;
  readonly parts: readonly ShapePart[];
  readonly signature: string;
  readonly background: boolean;
}

/**
 * Finds `log_line_prefix` by scoring a grammar of its escapes over lines of the log (latin1 text): each line that shows a label is cut into parts,
 * lines of equal shape are one candidate, ambiguous parts are settled by how they behave over the lines, and the candidate that reads most lines wins.
 */
export function inferPrefix(lines: readonly string[]): InferredPrefix | null {
  const samples = lines.flatMap(sampleOf);
  if (samples.length === 0) return null;
  const groups = new Map<string, PrefixSample[]>();
  for (const sample of samples) {
    const group = groups.get(sample.signature);
    if (group === undefined) groups.set(sample.signature, [sample]);
    else group.push(sample);
  }
  const ranked = [...groups.values()].sort((a, b) => weight(b) - weight(a)).slice(0, MAX_CANDIDATES);
  let best: { matcher: PrefixMatcher; read: number; fields: number } | null = null;
  for (const group of ranked) {
    const matcher = compilePrefix(templateOf(group, samples));
    const read = samples.filter((sample) => reads(matcher, sample.prefix)).length;
    const fields = new Set(matcher.fields).size;
    if (best === null || read > best.read || (read === best.read && fields > best.fields)) best = { matcher, read, fields };
  }
  return best === null ? null : { matcher: best.matcher, confidence: best.read / samples.length };
}

/** Whether a line shows a label at all: the first thing to ask of a log of unknown form. */
export function looksLikeEntryLine(line: string): boolean {
  return ENTRY_LINE.test(line);
}

function sampleOf(line: string): PrefixSample[] {
  const match = ENTRY_LINE.exec(line);
  if (!match) return [];
  const prefix = match[1] ?? '';
  const parts = shapeOfPrefix(prefix);
  return [{ prefix, parts, signature: signatureOf(parts), background: BACKGROUND_MESSAGE.test(line.slice(match[0].length)) }];
}

/** Lines of a session carry more fields than those of a background process, so a fuller shape outweighs a commoner one. */
function weight(group: readonly PrefixSample[]): number {
  const fields = group[0]?.parts.filter((part) => part.kind !== 'literal').length ?? 0;
  return fields * 1000 + Math.min(999, group.length) - (group.length < 2 ? 500 : 0);
}

function reads(matcher: PrefixMatcher, prefix: string): boolean {
  const line = `${prefix}LOG:  x`;
  for (const pattern of [matcher.session, matcher.background]) {
    if (pattern === null) continue;
    pattern.lastIndex = 0;
    if (pattern.exec(line)?.[0].length === prefix.length + 6) return true;
  }
  return false;
}

function templateOf(group: readonly PrefixSample[], all: readonly PrefixSample[]): string {
  const parts = group[0]?.parts ?? [];
  const fields = settleFields(group, all);
  const quitAfter = quitPosition(group[0]?.signature ?? '', all);
  let template = '';
  let printed = 0;
  for (const [index, part] of parts.entries()) {
    const field = fields[index];
    const text = part.kind === 'literal' ? part.text : (part.kind !== 'field' && field === null ? part.value : null);
    const shown = text === null ? `%${field ?? ''}` : text.replaceAll('%', '%%');
    const length = part.kind === 'literal' ? part.text.replaceAll(/ +/g, ' ').length : 2;
    if (quitAfter !== null && text !== null && printed < quitAfter && quitAfter < printed + length) {
      const cut = quitAfter - printed;
      template += `${shown.slice(0, cut)}%q${shown.slice(cut)}`;
    } else {
      if (quitAfter === printed && quitAfter > 0) template += '%q';
      template += shown;
    }
    printed += length;
  }
  return template;
}

/** Where in the signature the shape of background lines ends: there stands `%q`. Null when no shorter shape begins this one. */
function quitPosition(signature: string, all: readonly PrefixSample[]): number | null {
  let longest: number | null = null;
  for (const sample of all) {
    const shorter = sample.signature;
    if (shorter.length < signature.length && signature.startsWith(shorter) && shorter.length > (longest ?? 0)) longest = shorter.length;
  }
  return longest;
}

/** Gives each ambiguous part of a shape its field; null means that it is a constant word of the prefix itself. */
function settleFields(group: readonly PrefixSample[], all: readonly PrefixSample[]): (PrefixField | null)[] {
  const parts = group[0]?.parts ?? [];
  const taken = new Set<PrefixField>();
  const fields: (PrefixField | null)[] = parts.map((part) => {
    if (part.kind !== 'field') return null;
    // %s prints what %t prints: the second time in one prefix is the session's start.
    const field = part.field === 't' && (taken.has('t') || taken.has('m') || taken.has('n')) ? 's' : part.field;
    taken.add(field);
    return field;
  });
  for (const [index, part] of parts.entries()) {
    if (part.kind === 'number') fields[index] = settleNumber(index, group, parts, taken);
    else if (part.kind === 'word') fields[index] = settleWord(index, group, all, parts, taken);
    const field = fields[index];
    if (field != null) taken.add(field);
  }
  return fields;
}

function settleNumber(index: number, group: readonly PrefixSample[], parts: readonly ShapePart[], taken: ReadonlySet<PrefixField>): PrefixField | null {
  const values = group.map((sample) => valueAt(sample, index));
  const before = parts[index - 1];
  // `[%l-1]` is a habit that pgBadger's manual spread: the 1 is a constant.
  if (before?.kind === 'literal' && before.text === '-' && values.every((value) => value === '1')) return null;
  if (values.some((value) => /[A-Z]/.test(value)) || values.every((value) => value.length === 5 && /^(?:00000|[0-9A-Z]{2}[0P]\d\d)$/.test(value))) return 'e';
  if (!taken.has('l') && countsUp(index, group)) return 'l';
  const zeros = values.filter((value) => value === '0').length / values.length;
  if (zeros > 0.3) return values.some((value) => value.length > 12) || taken.has('x') ? 'Q' : 'x';
  if (!taken.has('p')) return 'p';
  return taken.has('l') ? (taken.has('x') ? 'Q' : 'x') : 'l';
}

/** `%l` grows by one from line to line of a session, while some other number of the line (the pid) stays. */
function countsUp(index: number, group: readonly PrefixSample[]): boolean {
  let steps = 0;
  let pairs = 0;
  for (const [row, sample] of group.entries()) {
    const next = group[row + 1];
    if (next === undefined) break;
    const stays = sample.parts.some((part, i) => i !== index && part.kind === 'number' && part.value.length > 1 && valueAt(next, i) === part.value);
    if (!stays) continue;
    pairs++;
    if (Number(valueAt(next, index)) === Number(valueAt(sample, index)) + 1) steps++;
  }
  // Two backends whose pids follow each other may by chance be at the same line number; sections make true counting common.
  return pairs >= 2 && steps / pairs > 0.6 && steps / group.length > 0.2;
}

function settleWord(
  index: number,
  group: readonly PrefixSample[],
  all: readonly PrefixSample[],
  parts: readonly ShapePart[],
  taken: ReadonlySet<PrefixField>,
): PrefixField | null {
  const value = valueAt(group[0], index);
  const constant = group.every((sample) => valueAt(sample, index) === value);
  const signature = group[0]?.signature;
  const alsoBackground = all.some((sample) => sample.background && sample.signature === signature && valueAt(sample, index) === value);
  if (constant && alsoBackground) return null;
  const after = parts[index + 1];
  const before = parts[index - 1];
  if (after?.kind === 'literal' && after.text.startsWith('@') && !taken.has('u')) return 'u';
  if (before?.kind === 'literal' && before.text.endsWith('@')) return taken.has('d') ? (taken.has('h') ? 'a' : 'h') : 'd';
  return (['u', 'd', 'a', 'h'] as const).find((field) => !taken.has(field) && !(field === 'h' && taken.has('r'))) ?? 'i';
}

function valueAt(sample: PrefixSample | undefined, index: number): string {
  const part = sample?.parts[index];
  return part === undefined || part.kind === 'literal' ? '' : part.value;
}
