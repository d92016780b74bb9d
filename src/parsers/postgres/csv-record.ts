/** Columns of csvlog by release: up to 12, 13, and 14 on. The order never changed, so a shorter record only lacks the last ones. */
export const CSV_COLUMN_COUNTS: ReadonlySet<number> = new Set([23, 24, 26]);

/** As far as the message. */
const MIN_COLUMNS = 13;

const FIELD = '(?:"(?:[^"]|"")*"|[^",\\n]*)';
/** Time, user, database, pid: where a record begins, even inside an open quote: a record that was cut must not swallow its successor. */
const START_SOURCE = String.raw`"?\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [A-Za-z0-9+:-]{1,8}"?,${FIELD},${FIELD},"?\d+"?,`;
const START = new RegExp(START_SOURCE, 'y');
const START_ANYWHERE = new RegExp(START_SOURCE, 'g');

/** Whether a line begins a csvlog record. */
export const CSV_RECORD_LINE = new RegExp(`^${START_SOURCE}`);

export function beginsCsvRecord(text: string, from: number, to: number): boolean {
  START.lastIndex = from;
  return START.test(text) && START.lastIndex <= to;
}

/** Where a record begins in the middle of another, which then was cut there; -1 where none does. */
export function gluedRecordAt(record: string): number {
  START_ANYWHERE.lastIndex = 1;
  for (let match = START_ANYWHERE.exec(record); match !== null; match = START_ANYWHERE.exec(record)) {
    // The columns behind it must be a record's (of one that goes on in another line, its first): a text that quotes a log line has doubled quotes.
    if (splitCsvRecord(record.slice(match.index)).length > MIN_COLUMNS) return match.index;
  }
  return -1;
}

/** Splits one RFC 4180 record; quotes are doubled inside quotes, and a record cut in mid-quote gives what it has. */
export function splitCsvRecord(record: string): string[] {
  const columns: string[] = [];
  let position = 0;
  for (;;) {
    if (record.charCodeAt(position) === 34) {
      let end = position + 1;
      for (
        end = record.indexOf('"', end);
        end >= 0 && record.charCodeAt(end + 1) === 34;
        end = record.indexOf('"', end + 2)
      );
      const raw = record.slice(position + 1, end < 0 ? undefined : end);
      columns.push(raw.includes('""') ? raw.replaceAll('""', '"') : raw);
      if (end < 0) return columns;
      position = record.indexOf(',', end);
    } else {
      const end = record.indexOf(',', position);
      columns.push(record.slice(position, end < 0 ? undefined : end));
      position = end;
    }
    if (position < 0) return columns;
    position++;
  }
}
