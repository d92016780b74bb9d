import { execFile } from 'node:child_process';
import { closeSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import type { SourceConfig } from './config/config.ts';
import type { LogEvent, ParseCounts } from './domain.ts';
import { whyDenied } from './doctor/host/access.ts';
import { digestOf } from './doctor/host/digest.ts';
import type { LogFacts, ReadTrouble } from './doctor/host/facts.ts';
import { LogParser } from './parsers/log-parser.ts';
import { LABELS } from './parsers/postgres/labels.ts';
import { discover, type FoundFile } from './tailers/discover.ts';
import { createZoneResolver } from './time/zone.ts';

/** So much of each log, the newest of it, is looked at. */
const SAMPLE_BYTES = 8 * 2 ** 20;
const JOURNAL_LINES = 20_000;
const JOURNAL_TIMEOUT_MS = 20_000;
const NO_COUNTS: ParseCounts = { lines: 0, events: 0, statements: 0, unrecognised: 0, truncated: 0, example: null };

/** A log's newest part: what is said of it, and its events for who compares logs. */
export interface LogSample {
  readonly facts: LogFacts;
  readonly events: readonly LogEvent[];
}

interface Piece {
  readonly name: string;
  readonly bytes: Buffer;
  readonly modifiedMs: number;
}

/** Looks at each path and journal of a source. */
export async function sampleSource(source: SourceConfig): Promise<readonly LogSample[]> {
  if (source.journalUnit !== undefined) return [await sampleJournal(source, source.journalUnit)];
  if (source.stdin === true) return [blank(source, 'standard input', null)];
  if (source.syslog !== undefined) return [blank(source, 'what syslog sends', null)];
  const samples: LogSample[] = [];
  for (const path of source.paths) samples.push(await samplePath(source, path));
  return samples;
}

async function samplePath(source: SourceConfig, path: string): Promise<LogSample> {
  const { found, vacant } = await discover([{ kind: source.kind, paths: [path] }]);
  const newestFirst = found.toReversed();
  for (const file of newestFirst.slice(0, 1)) {
    const trouble = whyDenied(file.path, source.kind);
    if (trouble !== null) return blank(source, path, trouble);
  }
  if (found.length === 0) return blank(source, path, troubleOf(source, path, vacant[0]?.trouble));
  const { pieces, isWhole } = readNewest(newestFirst);
  return read(
    source,
    path,
    pieces,
    isWhole,
    found.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  );
}

function troubleOf(
  { kind }: SourceConfig,
  path: string,
  trouble: { readonly reason: string; readonly hint: string | null } | undefined,
): ReadTrouble {
  // A pattern in a folder that may not be read matches nothing, and says nothing.
  const denied = whyDenied(path, kind);
  if (denied !== null) return denied;
  return { reason: trouble?.reason ?? 'nothing is there', change: trouble?.hint == null ? [] : [`# ${trouble.hint}`] };
}

/** The end of the newest file, and as much of those before it as the sample has room for; oldest first. */
function readNewest(newestFirst: readonly FoundFile[]): {
  readonly pieces: readonly Piece[];
  readonly isWhole: boolean;
} {
  const pieces: Piece[] = [];
  let room = SAMPLE_BYTES;
  for (const { path, sizeBytes, modifiedMs } of newestFirst) {
    if (room <= 0) return { pieces, isWhole: false };
    const length = Math.min(sizeBytes, room);
    const bytes = Buffer.alloc(length);
    const file = openSync(path, 'r');
    try {
      const count = readSync(file, bytes, 0, length, sizeBytes - length);
      pieces.unshift({
        name: basename(path),
        bytes: wholeLines(bytes.subarray(0, count), length < sizeBytes),
        modifiedMs,
      });
    } finally {
      closeSync(file);
    }
    room -= length;
    if (length < sizeBytes) return { pieces, isWhole: false };
  }
  return { pieces, isWhole: true };
}

/** What is read from the middle of a file begins in the middle of a line. */
function wholeLines(bytes: Buffer, isCut: boolean): Buffer {
  return isCut ? bytes.subarray(bytes.indexOf(0x0a) + 1) : bytes;
}

async function sampleJournal(source: SourceConfig, unit: string): Promise<LogSample> {
  const name = `journal of ${unit}`;
  const args = [`--unit=${unit}`, '--quiet', '--output=json', `--lines=${String(JOURNAL_LINES)}`];
  const options = { timeout: JOURNAL_TIMEOUT_MS, maxBuffer: 2 ** 28, encoding: 'buffer' } as const;
  const { bytes, trouble } = await new Promise<{ bytes: Buffer; trouble: ReadTrouble | null }>((resolve) => {
    execFile('journalctl', args, options, (error, stdout, stderr) => {
      const says = stderr.toString('utf8').trim();
      const reason =
        error === null
          ? null
          : 'ENOENT' === (error as NodeJS.ErrnoException).code
            ? 'there is no journalctl'
            : says || error.message;
      resolve({ bytes: stdout, trouble: reason === null ? null : { reason, change: JOURNAL_CHANGE } });
    });
  });
  if (trouble !== null) return blank(source, name, trouble);
  if (bytes.length === 0) {
    const reason = 'it is empty, or this user may not see it';
    return blank(source, name, { reason, change: [...JOURNAL_CHANGE, `systemctl status ${unit}`] });
  }
  const lines = bytes.reduce((count, byte) => count + (byte === 0x0a ? 1 : 0), 0);
  return read(source, name, [{ name, bytes, modifiedMs: Date.now() }], lines < JOURNAL_LINES, bytes.length);
}

const JOURNAL_CHANGE = ['usermod -aG systemd-journal whyd  # in the unit: SupplementaryGroups=systemd-journal'];

function blank(
  { kind, linePrefix, stdin, syslog }: SourceConfig,
  name: string,
  trouble: ReadTrouble | null,
): LogSample {
  const isStream = stdin === true || syslog !== undefined;
  const empty = {
    sizeBytes: 0,
    isWhole: true,
    detection: null,
    counts: NO_COUNTS,
    digest: digestOf([]),
    translated: null,
  };
  return { facts: { kind, name, isStream, trouble, configuredPrefix: linePrefix, ...empty }, events: [] };
}

function read(
  source: SourceConfig,
  name: string,
  pieces: readonly Piece[],
  isWhole: boolean,
  sizeBytes: number,
): LogSample {
  const { kind, linePrefix, timezone } = source;
  const events: LogEvent[] = [];
  let counts = NO_COUNTS;
  let detection: LogFacts['detection'] = null;
  let translated: string | null = null;
  for (const [fileId, piece] of pieces.entries()) {
    const parser = new LogParser({
      fileId,
      file: piece.name,
      // Without hints: the doctor says where they and the log differ.
      hints: { kind: null, linePrefix: null },
      zones: createZoneResolver(timezone),
      keepStatements: false,
      linesBefore: 0,
      referenceMs: piece.modifiedMs,
    });
    events.push(...parser.push({ fileId, byteStart: 0, bytes: piece.bytes, startsGeneration: true }), ...parser.end());
    detection = parser.detection ?? detection;
    counts = added(counts, parser.counts);
    if (kind === 'postgres') translated ??= translatedWord(piece.bytes);
  }
  const facts: LogFacts = {
    kind,
    name,
    isStream: false,
    trouble: null,
    sizeBytes,
    isWhole,
    detection,
    counts,
    digest: digestOf(events),
    configuredPrefix: linePrefix,
    translated,
  };
  return { facts, events };
}

function added(a: ParseCounts, b: ParseCounts): ParseCounts {
  return {
    lines: a.lines + b.lines,
    events: a.events + b.events,
    statements: a.statements + b.statements,
    unrecognised: a.unrecognised + b.unrecognised,
    truncated: a.truncated + b.truncated,
    example: a.example ?? b.example,
  };
}

const WORD = /[ \]:>)]([A-Z\x80-\xff]{3,40}) ?: {1,3}/g;
const ENGLISH = /^[A-Z]+$/;

/** A severity word that only a translated server writes. English ones and those that some languages share with it prove nothing. */
function translatedWord(bytes: Buffer): string | null {
  for (const [, word = ''] of bytes.toString('latin1', 0, 2 ** 20).matchAll(WORD)) {
    const label = LABELS.get(word);
    if (label === undefined || !('severity' in label)) continue;
    if (!ENGLISH.test(word) || GERMANIC.has(word)) return Buffer.from(word, 'latin1').toString('utf8');
  }
  return null;
}

/** Translated words in plain letters. */
const GERMANIC: ReadonlySet<string> = new Set([
  'FEHLER',
  'WARNUNG',
  'ERREUR',
  'ERRORE',
  'FEL',
  'VARNING',
  'ATTENTION',
  'ATTENZIONE',
]);
