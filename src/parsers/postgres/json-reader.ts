import { parsePostgresTime } from '../../time/postgres-time.ts';
import type { FormatReader, ReaderContext } from '../format-reader.ts';
import { parseObject } from '../json.ts';
import { decodeUtf8 } from '../latin1.ts';
import type { LineRef } from '../line-reader.ts';
import { eventOfEntry, nameOrNull } from './entry.ts';
import { SEVERITY_BY_WORD } from './labels.ts';

const STATEMENT_NOISE = /"error_severity":"LOG","message":"(?:statement: |execute [^:"]*: |duration: (?:\d{1,2}|[1-4]\d\d)\.\d{3} ms)/;

/** Reads jsonlog (Postgres 15 on): one object a line, English severities, `state_code` absent when it is 00000. */
export class JsonReader implements FormatReader {
  readonly linePrefix = null;
  readonly openSince = null;
  readonly #context: ReaderContext;

  constructor(context: ReaderContext) {
    this.#context = context;
  }

  line(ref: LineRef): void {
    if (ref.from === ref.to) return;
    const text = ref.text.slice(ref.from, ref.to);
    if (!this.#context.keepStatements && STATEMENT_NOISE.test(text)) {
      this.#context.countStatement();
      return;
    }
    const record = parseObject(decodeUtf8(text));
    if (record === null || typeof record['message'] !== 'string') {
      this.#context.countUnrecognised(ref);
      return;
    }
    this.#emit(record, ref);
  }

  flush(): void {
    // Every line is a whole record.
  }

  end(): void {
    this.flush();
  }

  #emit(record: Readonly<Record<string, unknown>>, ref: LineRef): void {
    const optional = (key: string): string | null => {
      const value = record[key];
      return typeof value === 'string' && value !== '' ? value : null;
    };
    const pid = record['pid'];
    this.#context.emit(
      eventOfEntry(
        {
          at: parsePostgresTime(optional('timestamp') ?? '', this.#context.zones),
          pid: typeof pid === 'number' ? pid : null,
          session: optional('session_id'),
          user: nameOrNull(optional('user') ?? ''),
          database: nameOrNull(optional('dbname') ?? ''),
          application: nameOrNull(optional('application_name') ?? ''),
          client: optional('remote_host'),
          backendType: optional('backend_type'),
          severity: SEVERITY_BY_WORD.get(optional('error_severity') ?? '') ?? 'ERROR',
          sqlstate: optional('state_code') ?? '00000',
          message: optional('message') ?? '',
          detail: optional('detail'),
          hint: optional('hint'),
          context: optional('context'),
          statement: optional('statement'),
        },
        'postgres_json',
        this.#context.cite(ref.line, 1, ref.byteStart, ref.byteEnd),
      ),
    );
  }
}
