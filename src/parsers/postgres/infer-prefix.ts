import { COMMON_PREFIXES } from './common-prefixes.ts';
import { decodeUtf8 } from '../latin1.ts';
import { entryLineOf, type EntryLine } from './entry-line.ts';
import { LABEL_SOURCE, LABELS } from './labels.ts';
import { compilePrefix, labelOf, matchPrefix, type PrefixMatcher } from './line-prefix.ts';
import { BACKGROUND_MESSAGE, settleMeanings, type Meanings } from './prefix-evidence.ts';
import { proposeSkeletons, sourceOfParts, type Skeleton } from './prefix-skeleton.ts';
import { statedPrefix } from './stated-prefix.ts';

/** A prefix found in the log itself. `confidence` is the share of the sampled entry lines that it reads, less what a small sample or mere convention leaves open. */
export interface InferredPrefix {
  readonly matcher: PrefixMatcher;
  readonly confidence: number;
}

const MAX_SAMPLES = 240;
const MAX_SKELETONS = 10;
/** From so many lines on what the lines propose needs no help if it reads them all. */
const FEW_SAMPLES = 40;
const CONVENTION_FACTOR = 0.9;
/** Small beside the reading itself: a cut that finds more fields in fewer lines is one line's accident. */
const FIELD_WORTH = 0.02;
const UNBALANCED_COST = 0.3;
const HALF_SESSION_COST = 0.3;
const DOUBT_COST = 0.1;

interface Candidate {
  readonly matcher: PrefixMatcher;
  readonly byConventionOnly: boolean;
  /** How many of its words got a meaning that nothing in them bears out. */
  readonly doubts: number;
}

/**
 * Finds `log_line_prefix` by scoring a grammar of its escapes over lines of the log (latin1 text): each way in which lines that show a label can be
 * cut into parts is laid over all of them, ambiguous parts are settled by what they hold, and the candidate that reads the lines best wins.
 */
export function inferPrefix(lines: readonly string[]): InferredPrefix | null {
  const samples = spread(
    lines.flatMap((line) => entryLineOf(line) ?? []),
    MAX_SAMPLES,
  );
  if (samples.length === 0) return null;
  const proposed = bestOf(proposalsFrom(samples), samples, null);
  const isClear = samples.length > FEW_SAMPLES && proposed?.read === samples.length;
  const best = isClear ? proposed : bestOf(COMMON_PREFIXES.map(withoutDoubt), samples, proposed);
  if (best === null || best.read === 0) return null;
  const { matcher, byConventionOnly } = best.candidate;
  const share = best.read / samples.length;
  return {
    matcher,
    confidence: share * ((samples.length + 1) / (samples.length + 2)) * (byConventionOnly ? CONVENTION_FACTOR : 1),
  };
}

/** Whether a line shows a label at all: the first thing to ask of a log of unknown form. */
export function looksLikeEntryLine(line: string): boolean {
  return entryLineOf(line) !== null;
}

interface Rated {
  readonly candidate: Candidate;
  readonly read: number;
  readonly score: number;
}

/** @param leader what another has to be better than */
function bestOf(candidates: readonly Candidate[], samples: readonly EntryLine[], leader: Rated | null): Rated | null {
  let best = leader;
  for (const candidate of candidates) {
    const rated = { candidate, ...rate(candidate, samples) };
    if (best === null || rated.score > best.score + 1e-9) best = rated;
  }
  return best;
}

function withoutDoubt(template: string): Candidate {
  return { matcher: compilePrefix(template), byConventionOnly: false, doubts: 0 };
}

/** What the lines themselves propose, by their form or by a message that names the setting. */
function proposalsFrom(samples: readonly EntryLine[]): Candidate[] {
  const stated = samples.flatMap(({ message }) => statedPrefix(decodeUtf8(message)) ?? []);
  const settled = proposeSkeletons(samples, MAX_SKELETONS).map((skeleton): Candidate => {
    const meanings = settleMeanings(skeleton);
    // The one name of a prefix is the user's as often as the application's, and what that says may be a trap.
    const isAnybody = meanings.byConventionOnly && !meanings.fields.some((field) => field === 'a' || field === 'd');
    return {
      matcher: compilePrefix(templateOf(skeleton, meanings), isAnybody ? 'u' : 'a'),
      byConventionOnly: meanings.byConventionOnly,
      doubts: meanings.doubts,
    };
  });
  return [...settled, ...stated.map(withoutDoubt)];
}

/** How many lines a matcher reads, and how well: a reading that needs punctuation inside names is a poorer one, and so are empty fields. */
function rate({ matcher, doubts }: Candidate, samples: readonly EntryLine[]): { read: number; score: number } {
  let read = 0;
  let score = 0;
  for (const { text } of samples) {
    const match = matchPrefix(matcher, text, 0, text.length);
    if (match === null) continue;
    read++;
    score +=
      (match.isTidy ? 1 : match.values.some(isSentence) ? 0.4 : 0.8) +
      match.values.filter((value) => value.trim() !== '').length * FIELD_WORTH;
    const user = match.values[matcher.fields.indexOf('u')] ?? '';
    if (user !== '' && BACKGROUND_MESSAGE.test(text.slice(match.bodyFrom))) score -= 0.5;
    // Whoever has a user has a database, replication aside: two names were made of one that holds a blank.
    if (user.trim() !== '' && match.values[matcher.fields.indexOf('d')]?.trim() === '') score -= HALF_SESSION_COST;
  }
  const cost = (isBalanced(matcher.template) ? 0 : UNBALANCED_COST) + doubts * DOUBT_COST;
  return { read, score: score / samples.length - cost };
}

/** A name that holds a piece of prefix, or its quotes: the reading has gone past the field's true end. */
function isSentence(value: string): boolean {
  return /[A-Za-z]=|^[,:|\])]|^(['"]).*\1$/.test(value);
}

/** People close what they open. */
function isBalanced(template: string): boolean {
  return ['[]', '()', '{}'].every(
    (pair) => template.split(pair.charAt(0)).length === template.split(pair.charAt(1)).length,
  );
}

function templateOf(skeleton: Skeleton, { fields }: Meanings): string {
  const quit = quitPosition(skeleton);
  let template = '';
  for (const [index, part] of skeleton.parts.entries()) {
    const column = skeleton.columns.findIndex((other) => other.part === index);
    const field = column < 0 ? null : (fields[column] ?? null);
    const text =
      part.kind === 'literal' ? part.text : field === null ? (skeleton.columns[column]?.values[0] ?? '') : null;
    const shown = text === null ? `%${field ?? ''}` : text.replaceAll('%', '%%');
    const cut = quit?.part === index ? quit.chars : null;
    template += cut === null ? shown : `${shown.slice(0, cut)}%q${shown.slice(cut)}`;
  }
  return template;
}

/** Where the prefix of lines that the whole skeleton cannot read ends: there stands `%q`. Null when no such place reads them. */
function quitPosition({ parts, unread, columns }: Skeleton): { readonly part: number; readonly chars: number } | null {
  const lines = unread.slice(0, 20);
  let best: { part: number; chars: number; read: number } | null = null;
  for (const [index, part] of parts.entries()) {
    const before = sourceOfParts(parts.slice(0, index), true);
    const length = part.kind === 'literal' ? part.text.length : 1;
    for (let chars = 0; chars < length && lines.length > 0; chars++) {
      // At the very beginning only for lines that have nothing before their label: else any line would do.
      if (index === 0 && chars === 0 && !lines.every(({ prefix }) => prefix === '')) continue;
      const head =
        part.kind === 'literal' ? sourceOfParts([{ kind: 'literal', text: part.text.slice(0, chars) }], true) : '';
      const pattern = new RegExp(`^${before}${head}${LABEL_SOURCE}`);
      const read = lines.filter(({ text }) => isBackground(pattern.exec(text), columns, index)).length;
      // Of two places that read as much, the later one only where nothing but constant text lies between: a name matches the empty text too.
      const isFurtherLiteral =
        best !== null && read === best.read && parts.slice(best.part, index).every(({ kind }) => kind === 'literal');
      if (read > 0 && (best === null || read > best.read || isFurtherLiteral) && !endsInName(parts, index, chars))
        best = { part: index, chars, read };
    }
  }
  return best;
}

/** A process that stops at `%q` has no names to print before it either. */
function isBackground(match: RegExpExecArray | null, columns: Skeleton['columns'], end: number): boolean {
  if (match === null || !LABELS.has(labelOf(match))) return false;
  const before = columns.filter(({ part }) => part < end);
  return before.every(
    ({ kind }, index) => !'word u d a h r i'.split(' ').includes(kind) || (match[index + 1] ?? '').trim() === '',
  );
}

/** A name right before `%q` would take in whatever stands there. */
function endsInName(parts: Skeleton['parts'], index: number, chars: number): boolean {
  const last = chars > 0 ? null : parts[index - 1];
  return last?.kind === 'word' || (last?.kind === 'field' && 'uda'.includes(last.field));
}

function spread<T>(items: readonly T[], limit: number): readonly T[] {
  if (items.length <= limit) return items;
  // Blocks, not single lines: what counts up does so from line to line.
  const block = Math.floor(limit / 4);
  const starts = [0, 1, 2, 3].map((quarter) => Math.floor((quarter * (items.length - block)) / 3));
  return starts.flatMap((start) => items.slice(start, start + block));
}
