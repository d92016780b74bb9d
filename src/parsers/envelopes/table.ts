import { splitCsvRecord } from '../postgres/csv-record.ts';
import { unwrapped, type Envelope } from './envelope.ts';

const TIME = String.raw`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d`;
/** A record begins with a column that is a time and no more, or with the line itself in quotes. csvlog's time has a zone. */
const RECORD = new RegExp(String.raw`^(?:"?(?:\d{13}|${TIME}(?:\.\d+)?Z?)"?,|"\[?${TIME}[ .Z])`);
/** An entry of either log: more than its time. */
const ENTRY = new RegExp(String.raw`^\[?${TIME}.*[A-Za-z\]]:? `);
/** A record whose first column is a line that begins with no time; a quote in a line is doubled. */
const QUOTED = /^"(?!")/;
const QUOTE = '"';

/** What consoles export as a table (CloudWatch, Datadog, Splunk): a column holds a line, or several in its quotes. */
export const table: Envelope = {
  kind: 'table',
  unwrap(line) {
    if (!RECORD.test(line)) return null;
    const columns = splitCsvRecord(line);
    const text = columns[entryColumn(columns)];
    return text === undefined ? null : unwrapped(text, null);
  },
  continuation(line, above) {
    // A record of which no column is an entry has the line where the one above has it.
    if (RECORD.test(line) || QUOTED.test(line)) return splitCsvRecord(line)[entryColumn(splitCsvRecord(above))] ?? null;
    return splitCsvRecord(QUOTE + line)[0] ?? null;
  },
  marks: /^"?@?[A-Za-z_]+"?(?:,"?@?[A-Za-z_]+"?)+$/,
};

function entryColumn(columns: readonly string[]): number {
  return columns.findIndex((column) => ENTRY.test(column));
}
