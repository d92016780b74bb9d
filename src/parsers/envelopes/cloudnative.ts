import { parseRfc3339 } from '../../time/rfc3339.ts';
import { isObject, parseObject, type JsonObject } from '../json.ts';
import { decodeUtf8, encodeUtf8 } from '../latin1.ts';
import { unwrapped, type Envelope } from './envelope.ts';

/** csvlog's column as CloudNativePG names it -> the key that jsonlog gives it, in jsonlog's order. */
const KEYS: readonly (readonly [record: string, jsonlog: string])[] = [
  ['log_time', 'timestamp'],
  ['user_name', 'user'],
  ['database_name', 'dbname'],
  ['process_id', 'pid'],
  ['remote_host', 'remote_host'],
  ['remote_port', 'remote_port'],
  ['session_id', 'session_id'],
  ['session_line_num', 'line_num'],
  ['command_tag', 'ps'],
  ['session_start_time', 'session_start'],
  ['virtual_transaction_id', 'vxid'],
  ['transaction_id', 'txid'],
  ['error_severity', 'error_severity'],
  ['sql_state_code', 'state_code'],
  ['message', 'message'],
  ['detail', 'detail'],
  ['hint', 'hint'],
  ['internal_query', 'internal_query'],
  ['internal_query_pos', 'internal_position'],
  ['context', 'context'],
  ['query', 'statement'],
  ['query_pos', 'cursor_position'],
  ['application_name', 'application_name'],
  ['backend_type', 'backend_type'],
  ['leader_pid', 'leader_pid'],
  ['query_id', 'query_id'],
];
const NUMBERS: ReadonlySet<string> = new Set(['process_id', 'remote_port', 'session_line_num', 'leader_pid']);

/** CloudNativePG reads its server's csvlog and prints each record as JSON under `record`; unwrapped, a line is as jsonlog would have it. */
export const cloudnative: Envelope = {
  kind: 'cloudnative',
  unwrap(line) {
    if (!line.startsWith('{') || !line.includes('"logger":')) return null;
    const object = parseObject(decodeUtf8(line));
    if (object === null || typeof object['logger'] !== 'string') return null;
    const { logger, record } = object;
    const stamp = typeof object['ts'] === 'string' ? parseRfc3339(object['ts']) : null;
    if (logger === 'postgres' && isObject(record)) {
      return unwrapped(encodeUtf8(jsonlogOf(record)), stamp, { service: logger });
    }
    // Before the collector runs, the server's stderr lines stand in `msg`; other loggers are the operator's own talk.
    const message = object['msg'];
    if (typeof message !== 'string' || 'request' in object) return null;
    return unwrapped(encodeUtf8(message), stamp, { service: logger === 'postgres' ? 'postgres stderr' : logger });
  },
};

function jsonlogOf(record: JsonObject): string {
  const origin = typeof record['connection_from'] === 'string' ? record['connection_from'] : '';
  const port = /^([^]*):(\d+)$/.exec(origin);
  const all: JsonObject = { ...record, remote_host: port?.[1] ?? origin, remote_port: port?.[2] ?? '' };
  const entries = KEYS.flatMap(([from, to]): [string, unknown][] => {
    const value = all[from];
    if (value === undefined || value === null || value === '') return [];
    if (from === 'sql_state_code' && value === '00000') return [];
    return [[to, NUMBERS.has(from) ? Number(value) : value]];
  });
  return JSON.stringify(Object.fromEntries(entries));
}
