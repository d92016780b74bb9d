import type { Instant, PostgresSession } from '../../domain.ts';
import { parseEpochTime, parsePostgresTime } from '../../time/postgres-time.ts';
import type { ZoneResolver } from '../../time/zone.ts';
import { decodeUtf8 } from '../latin1.ts';
import { hostOf, nameOrNull } from './entry.ts';
import type { PrefixField } from './prefix-field.ts';
import type { PrefixReading } from './prefix-book.ts';

/** A line's value of one escape, decoded, without the blanks of padding; '' where the line has none. */
export function valueOf({ matcher, match }: PrefixReading, field: PrefixField): string {
  const index = matcher.indexes[field];
  return index === undefined ? '' : decodeUtf8((match.values[index] ?? '').trim());
}

/** The key by which an entry's sections find it: the session, else the pid, else (no such field) the one entry of the file. */
export function backendOf({ matcher, match }: PrefixReading): string {
  return match.values[matcher.indexes.c ?? matcher.indexes.p ?? -1] ?? '';
}

/** Where in a line its pid stands, when nothing before it varies in width from line to line; else -1. */
export function pidOffsetOf({ matcher, match }: PrefixReading, text: string, lineFrom: number): number {
  let offset = 0;
  for (const [index, token] of matcher.tokens.entries()) {
    if (token.kind === 'literal') offset += Buffer.byteLength(token.text);
    else if (token.kind === 'field') {
      const value = match.values[matcher.tokens.slice(0, index).filter(({ kind }) => kind === 'field').length] ?? '';
      if (token.field === 'p') return !token.padded && text.startsWith(value, lineFrom + offset) ? offset : -1;
      if (!'tmn'.includes(token.field)) return -1;
      offset += value.length;
    }
  }
  return -1;
}

export function sessionOf(reading: PrefixReading): PostgresSession {
  const session = valueOf(reading, 'c');
  return {
    pid: pidOf(valueOf(reading, 'p'), session),
    session: nameOrNull(session),
    user: nameOrNull(valueOf(reading, 'u')),
    database: nameOrNull(valueOf(reading, 'd')),
    application: nameOrNull(valueOf(reading, 'a')),
    client: hostOf(valueOf(reading, 'r') || valueOf(reading, 'h'), '('),
    backendType: nameOrNull(valueOf(reading, 'b')),
  };
}

export function instantOf(reading: PrefixReading, zones: ZoneResolver): Instant | null {
  const epoch = valueOf(reading, 'n');
  if (epoch !== '') return parseEpochTime(epoch);
  const text = valueOf(reading, 'm') || valueOf(reading, 't');
  return text === '' ? null : parsePostgresTime(text, zones);
}

/** A session id is the process' start and its pid, in hexadecimal. */
function pidOf(pid: string, session: string): number | null {
  if (pid !== '') return Number(pid);
  const fromSession = Number.parseInt(session.split('.')[1] ?? '', 16);
  return Number.isNaN(fromSession) ? null : fromSession;
}
