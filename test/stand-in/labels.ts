import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerError } from './stand-in.ts';

/** An entry of Postgres' csvlog that is an error, and where it begins. */
export interface LoggedError {
  readonly file: string;
  readonly line: number;
  readonly pid: number;
  readonly sqlstate: string;
  readonly message: string;
}

/** Columns of csvlog, in every version. */
const PID = 3;
const SEVERITY = 11;
const SQLSTATE = 12;
const MESSAGE = 13;
const ERRORS: ReadonlySet<string> = new Set(['ERROR', 'FATAL', 'PANIC']);

/** By backend, in its order. Read without whyd's parsers, which are what is judged. */
export function errorsByPid(folder: string): ReadonlyMap<number, readonly LoggedError[]> {
  const found = new Map<number, LoggedError[]>();
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.csv')) continue;
    for (const { fields, line } of csvRecords(readFileSync(join(folder, file), 'utf8'))) {
      if (!ERRORS.has(fields[SEVERITY] ?? '')) continue;
      const pid = Number(fields[PID]);
      const own = found.get(pid) ?? [];
      own.push({ file, line, pid, sqlstate: fields[SQLSTATE] ?? '', message: fields[MESSAGE] ?? '' });
      found.set(pid, own);
    }
  }
  return found;
}

/** The entry that is this very error; null where the session never said its pid. */
export function entryOf(error: ServerError, logged: ReadonlyMap<number, readonly LoggedError[]>): LoggedError | null {
  if (error.pid === null) return null;
  const entry = logged.get(error.pid)?.[error.rank];
  if (entry?.sqlstate !== error.code || entry.message !== error.message)
    throw new Error(`session ${String(error.pid)} received another error than its log holds: ${error.message}`);
  return entry;
}

function* csvRecords(text: string): Generator<{ readonly fields: readonly string[]; readonly line: number }> {
  let line = 1;
  for (const [record] of text.matchAll(/(?:"(?:[^"]|"")*"|[^"\n])*\n/g)) {
    const fields = Array.from(record.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,\n]*))/g), ([, quoted, plain]) =>
      quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'),
    );
    yield { fields, line };
    line += record.split('\n').length - 1;
  }
}
