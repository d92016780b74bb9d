import { parsePostgresTime } from '../../time/postgres-time.ts';
import type { FormatReader, ReaderContext } from '../format-reader.ts';
import { decodeUtf8 } from '../latin1.ts';
import type { LineRef } from '../line-reader.ts';
import { beginsCsvRecord, CSV_COLUMN_COUNTS, gluedRecordAt, splitCsvRecord } from './csv-record.ts';
import { emitEntry, eventOfEntry, hostOf, nameOrNull } from './entry.ts';
import { severityOfWord } from './labels.ts';
import { isNoiseRecord } from './statement-noise.ts';

const QUOTE = /"/g;
const MAX_RECORD_CHARS = 1 << 20;
/** A record that was cut before or inside it says nothing. */
const SEVERITY_COLUMN = 11;

interface OpenRecord {
  text: string;
  line: number;
  lines: number;
  byteStart: number;
  byteEnd: number;
}

/** Reads csvlog. A record may span lines inside its quotes. */
export class CsvReader implements FormatReader {
  readonly noiseForm = 'csv';
  readonly linePrefix = null;
  readonly #context: ReaderContext;
  #record: OpenRecord | null = null;
  #quoteOpen = false;

  constructor(context: ReaderContext) {
    this.#context = context;
  }

  line(ref: LineRef): void {
    if (beginsCsvRecord(ref.text, ref.from, ref.to)) {
      // The last record's quote never closed: it was cut. Its leading fields are still worth having.
      this.#giveUp();
      this.#begin(ref);
    } else if (this.#record !== null && this.#quoteOpen) {
      this.#extend(this.#record, ref);
    } else if (ref.to > ref.from) {
      this.#context.countUnrecognised(ref);
    }
    if (!this.#quoteOpen) this.#close();
  }

  /** What was passed over began with a record: one that was still open had been cut. */
  skip(): void {
    this.#giveUp();
  }

  flush(): void {
    // An open quote means that the record is not whole: it is given up only by the next record or the end of the file.
  }

  end(): void {
    this.#giveUp();
  }

  get openSince(): number | null {
    return this.#record?.byteStart ?? null;
  }

  #begin(ref: LineRef): void {
    const text = ref.text.slice(ref.from, ref.to);
    this.#record = { text, line: ref.line, lines: 1, byteStart: ref.byteStart, byteEnd: ref.byteEnd };
    this.#quoteOpen = oddQuotes(text);
  }

  #extend(record: OpenRecord, ref: LineRef): void {
    const text = ref.text.slice(ref.from, ref.to);
    if (oddQuotes(text)) this.#quoteOpen = !this.#quoteOpen;
    if (record.text.length < MAX_RECORD_CHARS) record.text += `\n${text}`;
    record.lines++;
    record.byteEnd = ref.byteEnd;
  }

  /** The record is over, as far as its quotes say: a part of it that turns out to be another one may yet go on. */
  #close(): void {
    const record = this.#record;
    this.#record = null;
    this.#quoteOpen = false;
    if (record === null) return;
    const columns = splitCsvRecord(record.text);
    const glued = CSV_COLUMN_COUNTS.has(columns.length) ? -1 : gluedRecordAt(record.text);
    if (glued < 0) this.#emit(columns, record);
    else this.#splitAt(record, glued);
  }

  #giveUp(): void {
    while (this.#record !== null) this.#close();
  }

  #splitAt(record: OpenRecord, glued: number): void {
    const before = record.text.slice(0, glued);
    const linesBefore = before.split('\n').length - 1;
    this.#emit(splitCsvRecord(before), { ...record, text: before, lines: linesBefore + 1 });
    this.#record = {
      ...record,
      text: record.text.slice(glued),
      line: record.line + linesBefore,
      lines: record.lines - linesBefore,
      byteStart: record.byteStart + glued,
    };
    this.#quoteOpen = oddQuotes(this.#record.text);
    if (!this.#quoteOpen) this.#close();
  }

  #emit(columns: readonly string[], record: OpenRecord): void {
    if (!this.#context.keepStatements && isNoiseRecord(record.text, 'csv')) {
      this.#context.countStatement();
      return;
    }
    if (columns.length <= SEVERITY_COLUMN + 1) {
      this.#context.countUnrecognised({ ...record, from: 0, to: record.text.length, stamp: null, pid: null });
      return;
    }
    const column = (index: number): string => decodeUtf8(columns[index] ?? '');
    const optional = (index: number): string | null => ((columns[index] ?? '') === '' ? null : column(index));
    const pid = column(3);
    const parts = {
      at: parsePostgresTime(column(0), this.#context.zones),
      session: {
        pid: pid === '' ? null : Number(pid),
        session: nameOrNull(column(5)),
        user: nameOrNull(column(1)),
        database: nameOrNull(column(2)),
        application: nameOrNull(column(22)),
        client: hostOf(column(4), ':'),
        backendType: optional(23),
      },
      severity: severityOfWord(column(SEVERITY_COLUMN), column(12)),
      sqlstate: optional(12),
      message: column(13),
      detail: optional(14),
      hint: optional(15),
      context: optional(18),
      statement: optional(19),
    };
    const citation = this.#context.cite(record.line, record.lines, record.byteStart, record.byteEnd);
    emitEntry(this.#context, eventOfEntry(parts, 'postgres_csv', citation));
  }
}

function oddQuotes(text: string): boolean {
  return ((text.match(QUOTE)?.length ?? 0) & 1) === 1;
}
