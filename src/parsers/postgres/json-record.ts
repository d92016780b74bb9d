import { parseObject, type JsonObject } from '../json.ts';

/** How every jsonlog record begins; inside a string its quotes would be escaped. */
export const JSON_RECORD_START = '{"timestamp":"';
const FIELD = /"([a-z_]+)":(?:"((?:[^"\\]|\\.)*)("?)|(-?\d+))/y;

/** One jsonlog record. Of a record that was cut its leading fields, when they say at least how severe the entry is; null for anything else. */
export function parseJsonRecord(text: string): JsonObject | null {
  const record = parseObject(text) ?? leadingFields(text);
  return typeof record['error_severity'] === 'string' ? record : null;
}

function leadingFields(text: string): JsonObject {
  const fields: Record<string, unknown> = {};
  if (!text.startsWith(JSON_RECORD_START)) return fields;
  for (let position = 1; ; position++) {
    FIELD.lastIndex = position;
    const match = FIELD.exec(text);
    if (match === null) return fields;
    const [, key = '', string, end, number] = match;
    // Half a severity is none.
    if (end === '' && key === 'error_severity') return fields;
    if (number === undefined) fields[key] = unescape(string ?? '');
    else fields[key] = Number(number);
    position = FIELD.lastIndex;
    if (end === '' || text.charAt(position) !== ',') return fields;
  }
}

/** A string may have been cut in the middle of an escape. */
function unescape(string: string): string {
  for (const candidate of [string, string.replace(/\\(?:u[0-9a-f]{0,3})?$/i, '')]) {
    const value = parseObject(`{"v":"${candidate}"}`)?.['v'];
    if (typeof value === 'string') return value;
  }
  return string;
}
