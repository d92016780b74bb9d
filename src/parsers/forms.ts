import type { Detection, SourceKind } from '../domain.ts';
import { isDenokvLine, withoutColour } from './denokv/denokv-line.ts';
import { DenokvReader } from './denokv/denokv-reader.ts';
import type { FormatReader, ReaderContext } from './format-reader.ts';
import { parseObject } from './json.ts';
import { CsvReader } from './postgres/csv-reader.ts';
import { CSV_COLUMN_COUNTS, CSV_RECORD_LINE, splitCsvRecord } from './postgres/csv-record.ts';
import { inferPrefix, looksLikeEntryLine } from './postgres/infer-prefix.ts';
import { JsonReader } from './postgres/json-reader.ts';
import { isKernelLine, KernelReader } from './postgres/kernel-reader.ts';
import { LABELS } from './postgres/labels.ts';
import { compilePrefix, matchPrefix, type PrefixMatcher } from './postgres/line-prefix.ts';
import { StderrReader } from './postgres/stderr-reader.ts';
import { pgCtlChars } from './postgres/pg-ctl.ts';
import { readAccessLine } from './proxy/access-forms.ts';
import { ProxyReader } from './proxy/proxy-reader.ts';

/** What the user said of a log; whatever is null is found out. */
export interface DetectionHints {
  readonly kind: SourceKind | null;
  readonly linePrefix: string | null;
}

/** A form that lines of a log have, and how to read them. */
export interface Form {
  readonly detection: Detection;
  /** How many of the sampled lines begin something in this form. */
  readonly beginnings: number;
  /** Nothing in its lines says when or by whom they were written: other programs' lines may look the same. */
  readonly anonymous: boolean;
  /** Whether a line (latin1) begins something in this form. */
  readonly begins: (line: string) => boolean;
  readonly createReader: (context: ReaderContext) => FormatReader;
}

/** No prefix and label are longer. */
const MAX_PREFIX_CHARS = 600;
/** Blanks could be part of any name or padding: a long run of them makes a prefix of several names very slow to try, and proves nothing. */
const LONG_BLANK = / {16,}/g;
const SHORT_BLANK = ' '.repeat(16);

type Probe = (lines: readonly string[], hints: DetectionHints) => Form | null;

/** Below this share of fitting lines a form is a coincidence. */
const MIN_CONFIDENCE = 0.3;
/** A hinted prefix that fits so many lines needs no rival. */
const SURE_PREFIX = 0.95;

/** Every form that some of the lines have, the commonest first. */
export function formsOf(lines: readonly string[], hints: DetectionHints): Form[] {
  return PROBES.flatMap((probe) => probe(lines, hints) ?? [])
    .filter(({ detection: { kind, confidence } }) => confidence >= MIN_CONFIDENCE && kind === (hints.kind ?? kind))
    .sort((a, b) => b.beginnings - a.beginnings || b.detection.confidence - a.detection.confidence);
}

const denokv: Probe = (lines) => {
  const plain = lines.map(withoutColour);
  // Continuation lines and SQL are no evidence against: only lines that could begin something count.
  const candidates = plain.filter((line) => line.startsWith('['));
  return formOf('denokv', 'denokv', candidates, isDenokvLine, (context) => new DenokvReader(context));
};

const json: Probe = (lines) => {
  const candidates = lines.filter((line) => line.startsWith('{'));
  return formOf('postgres', 'postgres_json', candidates, isJsonRecord, (context) => new JsonReader(context));
};

function isJsonRecord(line: string): boolean {
  const record = line.startsWith('{') ? parseObject(line) : null;
  return record !== null && 'error_severity' in record && 'message' in record;
}

const csv: Probe = (lines) => {
  const dated = lines.filter((line) => /^"?\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/.test(line));
  const form = formOf('postgres', 'postgres_csv', dated, isCsvRecord, (context) => new CsvReader(context));
  // The first line of a record that spans lines has fewer columns than a whole one; one whole record settles that the columns are csvlog's.
  const whole = dated.some((line) => isCsvRecord(line) && CSV_COLUMN_COUNTS.has(splitCsvRecord(line).length));
  if (form === null || whole) return form;
  return { ...form, detection: { ...form.detection, confidence: form.detection.confidence * 0.7 } };
};

function isCsvRecord(line: string): boolean {
  return CSV_RECORD_LINE.test(line);
}

const proxy: Probe = (lines, hints) => {
  const candidates = lines.filter((line) => line.trim() !== '');
  const isResponse = (line: string): boolean => readAccessLine(line, NO_ZONE) !== null;
  // A single fitting line of another program's is no access log.
  const form = formOf('proxy', 'proxy', candidates, isResponse, (context) => new ProxyReader(context));
  return form !== null && hints.kind !== 'proxy' && form.detection.confidence < 0.5 ? null : form;
};

/** A probe asks whether a line is one, not when it was. */
const NO_ZONE = { resolve: () => ({ offsetUs: 0, origin: 'inferred' as const }) };

const stderr: Probe = (lines, hints) => {
  const candidates = lines.flatMap((line) => {
    const from = pgCtlChars(line);
    const head = line.slice(from, from + MAX_PREFIX_CHARS).replaceAll(LONG_BLANK, SHORT_BLANK);
    return !isDenokvLine(head) && looksLikeEntryLine(head) ? [head] : [];
  });
  const configured = hints.linePrefix === null ? null : compilePrefix(hints.linePrefix);
  const hinted = configured === null ? null : stderrForm(configured, candidates, null);
  if (hinted !== null && hinted.detection.confidence >= SURE_PREFIX) return hinted;
  const inferred = inferPrefix(candidates);
  const shown = inferred === null ? null : stderrForm(inferred.matcher, candidates, inferred.confidence);
  // A configured prefix that fits few lines is a mistake, or younger than the log: what the lines show is better than half an answer.
  return hinted !== null && hinted.beginnings >= (shown?.beginnings ?? 0) ? hinted : shown;
};

function stderrForm(matcher: PrefixMatcher, candidates: readonly string[], confidence: number | null): Form | null {
  const begins = (line: string): boolean => beginsEntry(matcher, line);
  const labels = candidates.flatMap((line) => labelOf(matcher, line) ?? []);
  const beginnings = labels.filter((label) => 'severity' in label).length;
  if (beginnings === 0) return null;
  const read = labels.length;
  const detection: Detection = {
    kind: 'postgres',
    format: 'postgres_stderr',
    linePrefix: matcher.template,
    confidence: confidence ?? read / candidates.length,
  };
  const anonymous = !matcher.fields.some((field) => 'tmnpc'.includes(field));
  return { detection, beginnings, anonymous, begins, createReader: (context) => new StderrReader(context, matcher) };
}

/** A severity begins an entry; a section's label goes on with one. */
function beginsEntry(matcher: PrefixMatcher, line: string): boolean {
  const label = labelOf(matcher, line);
  return label !== undefined && 'severity' in label;
}

function labelOf(matcher: PrefixMatcher, line: string): ReturnType<typeof LABELS.get> {
  return LABELS.get(matchPrefix(matcher, line, 0, line.length)?.label ?? '');
}

const kernel: Probe = (lines) => {
  const candidates = lines.filter(isKernelLine);
  return formOf('postgres', 'kernel', candidates, isKernelLine, (context) => new KernelReader(context));
};

const PROBES: readonly Probe[] = [denokv, json, csv, proxy, stderr, kernel];

function formOf(
  kind: SourceKind,
  format: Detection['format'],
  candidates: readonly string[],
  begins: (line: string) => boolean,
  createReader: Form['createReader'],
): Form | null {
  const beginnings = candidates.filter(begins).length;
  if (beginnings === 0) return null;
  const confidence = beginnings / candidates.length;
  return {
    detection: { kind, format, linePrefix: null, confidence },
    beginnings,
    anonymous: false,
    begins,
    createReader,
  };
}
