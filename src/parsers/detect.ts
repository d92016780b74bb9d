import type { Detection, SourceKind } from '../domain.ts';
import { DENOKV_LINE, DenokvReader } from './denokv/denokv-reader.ts';
import { detectEnvelope } from './envelopes/envelopes.ts';
import type { Envelope } from './envelopes/envelope.ts';
import type { FormatReader, ReaderContext } from './format-reader.ts';
import { parseObject } from './json.ts';
import { CSV_COLUMN_COUNTS, CSV_RECORD_LINE, CsvReader, splitCsvRecord } from './postgres/csv-reader.ts';
import { inferPrefix } from './postgres/infer-prefix.ts';
import { JsonReader } from './postgres/json-reader.ts';
import { compilePrefix } from './postgres/line-prefix.ts';
import { StderrReader } from './postgres/stderr-reader.ts';

/** What the user said of a log; whatever is null is found out. */
export interface DetectionHints {
  readonly kind: SourceKind | null;
  readonly linePrefix: string | null;
}

export interface Detected {
  readonly detection: Detection;
  readonly envelope: Envelope | null;
  /** Null for a log that is recognised but not read yet. */
  readonly createReader: ((context: ReaderContext) => FormatReader) | null;
}

/** Below this share of fitting lines a form is a coincidence. */
const MIN_CONFIDENCE = 0.3;

type Probe = (lines: readonly string[], hints: DetectionHints) => Omit<Detected, 'envelope'> | null;

/** Says what a log is from a sample of its lines (latin1): wrapping first, then the form inside. Null when nothing fits. */
export function detect(lines: readonly string[], hints: DetectionHints): Detected | null {
  const envelope = detectEnvelope(lines);
  const inner = envelope === null ? lines : lines.flatMap((line) => envelope.unwrap(line)?.text.split('\n') ?? []);
  const found = PROBES.flatMap((probe) => probe(inner, hints) ?? [])
    .filter(({ detection }) => detection.confidence >= MIN_CONFIDENCE && (hints.kind === null || detection.kind === hints.kind))
    .sort((a, b) => b.detection.confidence - a.detection.confidence)[0];
  return found === undefined ? null : { ...found, envelope };
}

const denokv: Probe = (lines) => {
  // Continuation lines and SQL are no evidence against: only lines that could begin something count.
  const beginnings = lines.filter((line) => /^(?:\x1b\[[0-9;]*m)*\[/.test(line));
  const confidence = share(beginnings, (line) => DENOKV_LINE.test(line));
  return confidence === 0 ? null : { detection: { kind: 'denokv', format: 'denokv', linePrefix: null, confidence }, createReader: (context) => new DenokvReader(context) };
};

const json: Probe = (lines) => {
  const confidence = share(lines.filter(notBlank), (line) => {
    const record = line.startsWith('{') ? parseObject(line) : null;
    return record !== null && 'error_severity' in record && 'message' in record;
  });
  return confidence === 0 ? null : { detection: { kind: 'postgres', format: 'postgres_json', linePrefix: null, confidence }, createReader: (context) => new JsonReader(context) };
};

const csv: Probe = (lines) => {
  const dated = lines.filter((line) => /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/.test(line));
  const records = dated.filter((line) => CSV_RECORD_LINE.test(line));
  // The first line of a record that spans lines has fewer columns than a whole one; one whole record settles that the columns are csvlog's.
  const whole = records.some((line) => CSV_COLUMN_COUNTS.has(splitCsvRecord(line).length));
  const confidence = records.length === 0 ? 0 : (records.length / dated.length) * (whole ? 1 : 0.7);
  return confidence === 0 ? null : { detection: { kind: 'postgres', format: 'postgres_csv', linePrefix: null, confidence }, createReader: (context) => new CsvReader(context) };
};

const stderr: Probe = (lines, hints) => {
  if (hints.linePrefix !== null) {
    const matcher = compilePrefix(hints.linePrefix);
    return { detection: stderrDetection(matcher.template, 1), createReader: (context) => new StderrReader(context, matcher) };
  }
  const inferred = inferPrefix(lines.filter((line) => !DENOKV_LINE.test(line)));
  if (inferred === null) return null;
  const { matcher, confidence } = inferred;
  return { detection: stderrDetection(matcher.template, confidence), createReader: (context) => new StderrReader(context, matcher) };
};

const proxy: Probe = (lines) => {
  const confidence = share(lines.filter(notBlank), (line) => {
    const record = line.startsWith('{') ? parseObject(line) : null;
    return record !== null && 'status' in record && ('uri' in record || 'path' in record || 'request' in record);
  });
  return confidence === 0 ? null : { detection: { kind: 'proxy', format: 'proxy', linePrefix: null, confidence }, createReader: null };
};

const PROBES: readonly Probe[] = [denokv, json, csv, proxy, stderr];

function stderrDetection(linePrefix: string, confidence: number): Detection {
  return { kind: 'postgres', format: 'postgres_stderr', linePrefix, confidence };
}

function share(lines: readonly string[], test: (line: string) => boolean): number {
  return lines.length === 0 ? 0 : lines.filter(test).length / lines.length;
}

function notBlank(line: string): boolean {
  return line.trim() !== '';
}
