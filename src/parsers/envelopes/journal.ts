import type { Instant } from '../../domain.ts';
import { parseObject, type JsonObject } from '../json.ts';
import { decodeUtf8, encodeUtf8 } from '../latin1.ts';
import { unwrapped, type Envelope } from './envelope.ts';

/** What `-o json-seq` and `-o json-sse` put before a record. */
const LEAD = /^(?:\x1e|data: )/;

/** `journalctl -o json`. */
export const journal: Envelope = {
  kind: 'journal',
  unwrap(line) {
    const json = line.replace(LEAD, '');
    if (!json.startsWith('{')) return null;
    const record = parseObject(decodeUtf8(json));
    if (record === null || !('__REALTIME_TIMESTAMP' in record)) return null;
    const stream = textOf(record['_PID'] ?? record['SYSLOG_PID']);
    return unwrapped(messageOf(record['MESSAGE']), stampOf(record), { service: serviceOf(record), stream });
  },
};

/** A string; an array of bytes when it holds control characters or no valid UTF-8; null when it is too long to print; an array of these when a field is given twice. */
function messageOf(message: unknown): string {
  if (typeof message === 'string') return encodeUtf8(message);
  if (!Array.isArray(message)) return '';
  const items: readonly unknown[] = message;
  if (!items.every((item) => typeof item === 'number')) return items.map(messageOf).join('\n');
  return Buffer.from(items.filter((item) => typeof item === 'number')).toString('latin1');
}

function serviceOf(record: JsonObject): string {
  const unit = textOf(record['_SYSTEMD_UNIT'] ?? record['_SYSTEMD_USER_UNIT']);
  const program = textOf(record['CONTAINER_NAME'] ?? record['SYSLOG_IDENTIFIER'] ?? record['_COMM']);
  return unit === '' ? program : `${unit}/${program}`;
}

function stampOf(record: JsonObject): Instant | null {
  const us = Number(record['_SOURCE_REALTIME_TIMESTAMP'] ?? record['__REALTIME_TIMESTAMP']);
  return Number.isSafeInteger(us) && us > 0 ? { us, precision: 'microsecond', zone: 'read' } : null;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
