import type { Instant } from '../../domain.ts';
import { parseObject } from '../json.ts';
import { decodeUtf8, encodeUtf8 } from '../latin1.ts';
import type { Envelope } from './envelope.ts';

/** `journalctl -o json`: MESSAGE is a string, or an array of bytes when it is no valid UTF-8 or holds control characters. */
export const journal: Envelope = {
  kind: 'journal',
  unwrap(line) {
    if (!line.startsWith('{')) return null;
    const record = parseObject(decodeUtf8(line));
    if (record === null || !('__REALTIME_TIMESTAMP' in record)) return null;
    const stream = record['_PID'] ?? record['SYSLOG_PID'];
    return { text: messageOf(record['MESSAGE']), stamp: stampOf(record), stream: typeof stream === 'string' ? stream : '', partial: false };
  },
};

function messageOf(message: unknown): string {
  if (typeof message === 'string') return encodeUtf8(message);
  if (Array.isArray(message)) return Buffer.from(message.filter((byte): byte is number => typeof byte === 'number')).toString('latin1');
  return '';
}

function stampOf(record: Readonly<Record<string, unknown>>): Instant | null {
  const us = Number(record['_SOURCE_REALTIME_TIMESTAMP'] ?? record['__REALTIME_TIMESTAMP']);
  return Number.isSafeInteger(us) ? { us, precision: 'microsecond', zone: 'read' } : null;
}
