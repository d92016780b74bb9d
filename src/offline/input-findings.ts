import type { Detection, LogFormat, SourceKind } from '../domain.ts';
import type { LogParser } from '../parsers/log-parser.ts';

/** What the reading of one file showed besides its events. */
export interface Reading {
  readonly bytes: number;
  /** Why it broke off, when it did. */
  readonly damage: string | null;
  /** No newline at the end: the file was cut, or is being written. */
  readonly endsMidLine: boolean;
}

const KIND_NAME: Readonly<Record<SourceKind, string>> = { denokv: 'denokv', postgres: 'Postgres', proxy: 'proxy' };

const FORMAT_NAME: Readonly<Record<LogFormat, string>> = {
  denokv: "denokv's log",
  postgres_stderr: "Postgres' stderr form",
  postgres_csv: "Postgres' csvlog",
  postgres_json: "Postgres' jsonlog",
  kernel: "the kernel's log",
  proxy: "a proxy's access log",
};

/** What a log was taken for and how sure that is: a wrong guess must be seen, not only its results. */
export function describeDetection(path: string, { format, linePrefix, confidence }: Detection): string {
  const prefix = linePrefix === null ? '' : `, log_line_prefix '${linePrefix}'`;
  return `${path} is read as ${FORMAT_NAME[format]}${prefix} (${String(Math.floor(confidence * 100))}% sure)`;
}

/**
 * What a user should be told of a log that gave less than it could; null when all is well.
 * @param givenPrefix the `log_line_prefix` that the user named, which yields to what the lines show
 */
export function findingOf(
  path: string,
  parser: LogParser,
  reading: Reading,
  givenPrefix: string | null = null,
): string | null {
  if (reading.bytes === 0) return `${path} is empty`;
  const { detection } = parser;
  if (detection === null) return whyUnknown(path, parser, reading);
  const parts = [
    reading.damage === null ? null : `${reading.damage}; what could be unpacked was read`,
    wrongPrefix(path, parser, givenPrefix),
    ...contentFindings(path, parser, detection),
    reading.damage === null && reading.endsMidLine
      ? `${path} ends in the middle of a line: its last entry may not be whole`
      : null,
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join('; ');
}

function wrongPrefix(path: string, { detections }: LogParser, given: string | null): string | null {
  const shown = detections.flatMap(({ linePrefix }) => linePrefix ?? []);
  if (given === null || shown.length === 0 || shown.includes(given)) return null;
  return `${path}: its lines have the prefix '${shown[0] ?? ''}', not '${given}' as was given, and were read by what they have`;
}

function whyUnknown(path: string, { nature, counts }: LogParser, reading: Reading): string {
  if (nature === 'utf16') {
    return `${path} is UTF-16 text, as PowerShell writes with ">": convert it with iconv -f UTF-16 -t UTF-8, and give that`;
  }
  if (nature === 'binary') return `${path} is no log: its content is binary`;
  const damage = reading.damage === null ? '' : `${reading.damage}; `;
  if (counts.example === null) return `${damage}${path} holds blank lines only`;
  return `${damage}${path} is not recognised as a denokv, Postgres or proxy log; its first line reads: ${counts.example}`;
}

function contentFindings(path: string, parser: LogParser, detection: Detection): string[] {
  const { counts, detections, foreign } = parser;
  const findings: string[] = [];
  const kinds = [...new Set(detections.map(({ kind }) => KIND_NAME[kind]))];
  if (kinds.length > 1) findings.push(`${path} holds several logs, and all of them were read: ${kinds.join(', ')}`);
  if (detections.length > kinds.length) {
    const formats = [...new Set(detections.map(({ format }) => format))];
    if (formats.length > 1)
      findings.push(`${path} holds lines of several forms, and all of them were read: ${formats.join(', ')}`);
  }
  if (foreign.lines > 0) {
    const names = foreign.services.length === 0 ? 'other programs' : `other programs (${foreign.services.join(', ')})`;
    findings.push(`${path}: ${foreign.lines} lines of ${names} were passed over`);
  }
  if (counts.unrecognised > 0) {
    const share = `${counts.unrecognised} of ${counts.lines} lines were not understood`;
    findings.push(`${path}: ${share}, such as: ${counts.example ?? ''}`);
  }
  if (counts.events === 0 && counts.statements === 0 && counts.unrecognised === 0) {
    findings.push(`${path} is a ${KIND_NAME[detection.kind]} log without a single whole entry`);
  }
  return findings;
}
