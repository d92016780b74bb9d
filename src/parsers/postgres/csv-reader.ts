import { parsePostgresTime } from '../../time/postgres-time.ts';
import type { FormatReader, ReaderContext } from '../format-reader.ts';
import { decodeUtf8 } from '../latin1.ts';
import type { LineRef } from '../line-reader.ts';
import { eventOfEntry, hostOf, nameOrNull } from './entry.ts';
import { SEVERITY_BY_WORD } from './labels.ts';

/** Columns of csvlog by release: up to 12, 13, and 14 on. The order never changed, so a shorter record only lacks the last ones. */
export const CSV_COLUMN_COUNTS: ReadonlySet<number> = new Set([23, 24, 26]);
/** Where a record begins, even inside an open quote: a record that was cut must not swallow its successor. */
const RECORD_START_SOURCE =
  String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [A-Za-z0-9+:-]{1,8},(?:"(?:[^"]|"")*"|),(?:"(?:[^"]|"")*"|),\d*,`;
const RECORD_START = new RegExp(RECORD_START_SOURCE, 'y');
/** Whether a line begins a csvlog record. */
export const CSV_RECORD_LINE = new RegExp(`^${RECORD_START_SOURCE}`);
const STATEMENT_NOISE = /,LOG,00000,"(?:statement: |execute [^:"]*: |duration: (?:\d{1,2}|[1-4]\d\d)\.\d{3} ms)/;
const QUOTE = /"/g;
const MAX_RECORD_CHARS = 1 << 20;

interface Record {
  text: string;
  line: number;
  lines: number;
  byteStart: number;
  byteEnd: number;
}

/** Reads csvlog. A record may span lines inside its quotes. */
export class CsvReader implements FormatReader {
  readonly linePrefix = null;
  readonly #context: ReaderContext;
  #record: Record | null = null;
  #quoteOpen = false;

  constructor(context: ReaderContext) {
    this.#context = context;
  }

  line(ref: LineRef): void {
    if (startsRecord(ref)) {
      // The last record's quote never closed: it was cut. Its leading fields are still worth having.
      if (this.#record !== null) this.#take(this.#record);
      this.#begin(ref);
    } else if (this.#record !== null && this.#quoteOpen) {
      this.#extend(this.#record, ref);
    } else if (ref.to > ref.from) {
      this.#context.countUnrecognised(ref);
    }
    if (this.#record !== null && !this.#quoteOpen) {
      this.#take(this.#record);
      this.#record = null;
    }
  }

  flush(): void {
    // An open quote means that the record is not whole: it is given up only by the next record or the end of the file.
  }

  end(): void {
    if (this.#record !== null) this.#take(this.#record);
    this.#record = null;
  }

  get openSince(): number | null {
    return this.#record?.byteStart ?? null;
  }

  #begin(ref: LineRef): void {
    const text = ref.text.slice(ref.from, ref.to);
    this.#record = { text, line: ref.line, lines: 1, byteStart: ref.byteStart, byteEnd: ref.byteEnd };
    this.#quoteOpen = oddQuotes(text);
  }

  #extend(record: Record, ref: LineRef): void {
    const text = ref.text.slice(ref.from, ref.to);
    if (oddQuotes(text)) this.#quoteOpen = !this.#quoteOpen;
    if (record.text.length < MAX_RECORD_CHARS) record.text += `\n${text}`;
    record.lines++;
    record.byteEnd = ref.byteEnd;
  }

  #take(record: Record): void {
    if (!this.#context.keepStatements && STATEMENT_NOISE.test(record.text)) {
      this.#context.countStatement();
      return;
    }
    const columns = splitCsvRecord(record.text);
    const column = (index: number): string => decodeUtf8(columns[index] ?? '');
    const optional = (index: number): string | null => (columns[index] ?? '') === '' ? null : column(index);
    const pid = column(3);
    this.#context.emit(
      eventOfEntry(
        {
          at: parsePostgresTime(column(0), this.#context.zones),
          pid: pid === '' ? null : Number(pid),
          session: nameOrNull(column(5)),
          user: nameOrNull(column(1)),
          database: nameOrNull(column(2)),
          application: nameOrNull(column(22)),
          client: hostOf(column(4), ':'),
          backendType: optional(23),
          severity: SEVERITY_BY_WORD.get(column(11)) ?? 'ERROR',
          sqlstate: optional(12),
          message: column(13),
          detail: optional(14),
          hint: optional(15),
          context: optional(18),
          statement: optional(19),
        },
        'postgres_csv',
        this.#context.cite(record.line, record.lines, record.byteStart, record.byteEnd),
      ),
    );
  }
}

/** Splits one RFC 4180 record; quotes are doubled inside quotes, and a record cut in mid-quote gives what it has. */
export function splitCsvRecord(record: string): string[] {
  const columns: string[] = [];
  let position = 0;
  for (;;) {
    if (record.charCodeAt(position) === 34) {
      let end = position + 1;
      for (end = record.indexOf('"', end); end >= 0 && record.charCodeAt(end + 1) === 34; end = record.indexOf('"', end + 2));
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

function startsRecord(ref: LineRef): boolean {
  RECORD_START.lastIndex = ref.from;
  return RECORD_START.test(ref.text) && RECORD_START.lastIndex <= ref.to;
}

function oddQuotes(text: string): boolean {
  return ((text.match(QUOTE)?.length ?? 0) & 1) === 1;
}
