import type { Instant } from '../../domain.ts';
import { parseRfc3339 } from '../../time/rfc3339.ts';
import { parseObject, valueAt, type JsonObject } from '../json.ts';
import { decodeUtf8, encodeUtf8 } from '../latin1.ts';
import { unwrapped, type Envelope } from './envelope.ts';

/** Where shippers and clouds put the line: fluent-bit, vector, Loki's logcli, Cloud Logging, Azure. A dot goes one object deeper. */
const TEXT_KEYS = ['log', 'textPayload', 'MESSAGE', 'message', 'msg', 'line', 'body', 'properties.message'] as const;
const TIME_KEYS = ['time', 'timestamp', '@timestamp', 'ts', 'date', '_time', 'receiveTimestamp'] as const;
const SERVICE_KEYS = [
  'kubernetes.container_name',
  'container_name',
  'resource.labels.container_name',
  'labels.container',
  'labels.job',
  'labels.app',
  'service',
  'SYSLOG_IDENTIFIER',
  'ident',
  'category',
] as const;
/** What only a record of its own has: Postgres' jsonlog, or a proxy's access log. */
const OWN_RECORD = ['error_severity', 'status', 'request', 'record', 'Status', 'DownstreamStatus'] as const;

/** Any other JSON that carries a line of text: one object a line. */
export const jsonWrapper: Envelope = {
  kind: 'json',
  unwrap(line) {
    if (!line.startsWith('{')) return null;
    const record = parseObject(decodeUtf8(line));
    if (record === null || OWN_RECORD.some((key) => key in record)) return null;
    const text = firstString(record, TEXT_KEYS) ?? (TEXT_KEYS.some((key) => valueAt(record, key) === '') ? '' : null);
    if (text === null) return null;
    return unwrapped(encodeUtf8(text.replace(/\r?\n$/, '')), stampOf(record), {
      service: firstString(record, SERVICE_KEYS) ?? '',
      stream: firstString(record, ['partial_id', 'stream', '_p']) ?? '',
      partial: isPartial(record),
    });
  },
};

/** containerd's tag as fluent-bit passes it on, and docker's marks as fluentd does. */
function isPartial(record: JsonObject): boolean {
  if (record['logtag'] === 'P' || record['_p'] === 'P') return true;
  return String(record['partial_message']) === 'true' && String(record['partial_last']) !== 'true';
}

function stampOf(record: JsonObject): Instant | null {
  for (const key of TIME_KEYS) {
    const value = record[key];
    if (typeof value === 'string') {
      const instant = /^\d{10,19}(?:\.\d+)?$/.test(value) ? epochInstant(Number(value)) : parseRfc3339(value);
      if (instant !== null) return instant;
    } else if (typeof value === 'number') {
      return epochInstant(value);
    }
  }
  return null;
}

/** Seconds, milliseconds, microseconds or nanoseconds: told apart by their size, which holds from 2001 to 2286. */
function epochInstant(value: number): Instant | null {
  if (!(value >= 1e9 && value < 1e19)) return null;
  const us = value < 1e10 ? value * 1e6 : value < 1e13 ? value * 1e3 : value < 1e16 ? value : value / 1e3;
  const whole = value < 1e10 && Number.isInteger(value);
  return {
    us: Math.round(us),
    precision: whole ? 'second' : value < 1e13 ? 'millisecond' : 'microsecond',
    zone: 'read',
  };
}

function firstString(record: JsonObject, paths: readonly string[]): string | null {
  for (const path of paths) {
    const value = valueAt(record, path);
    if (typeof value === 'string' && value !== '') return value;
  }
  return null;
}
