import { parsePostgresTime } from '../../time/postgres-time.ts';
import type { FormatReader, ReaderContext } from '../format-reader.ts';
import type { JsonObject } from '../json.ts';
import { decodeUtf8 } from '../latin1.ts';
import type { LineRef } from '../line-reader.ts';
import { emitEntry, eventOfEntry, nameOrNull } from './entry.ts';
import { JSON_RECORD_START, parseJsonRecord } from './json-record.ts';
import { severityOfWord } from './labels.ts';
import { isNoiseRecord } from './statement-noise.ts';

/** Reads jsonlog (Postgres 15 on): one object a line, English severities, `state_code` absent when it is 00000. */
export class JsonReader implements FormatReader {
  readonly noiseForm = 'json';
  readonly linePrefix = null;
  readonly openSince = null;
  readonly #context: ReaderContext;

  constructor(context: ReaderContext) {
    this.#context = context;
  }

  line(ref: LineRef): void {
    if (ref.from === ref.to) return;
    // Several writers tear each other's lines: a record may begin behind the remains of another.
    const glued = ref.text.lastIndexOf(JSON_RECORD_START, ref.to - 1);
    if (glued > ref.from) {
      this.line({ ...ref, to: glued });
      this.#record({ ...ref, from: glued, byteStart: ref.byteStart + glued - ref.from });
    } else {
      this.#record(ref);
    }
  }

  skip(): void {
    // Every line is a whole record: none waits for another.
  }

  flush(): void {
    // The same.
  }

  end(): void {
    this.flush();
  }

  #record(ref: LineRef): void {
    const text = ref.text.slice(ref.from, ref.to);
    if (!this.#context.keepStatements && isNoiseRecord(text, 'json')) {
      this.#context.countStatement();
      return;
    }
    const record = parseJsonRecord(decodeUtf8(text));
    if (record === null) this.#context.countUnrecognised(ref);
    else this.#emit(record, ref);
  }

  #emit(record: JsonObject, ref: LineRef): void {
    const optional = (key: string): string | null => {
      const value = record[key];
      return typeof value === 'string' && value !== '' ? value : null;
    };
    const pid = record['pid'];
    const parts = {
      at: parsePostgresTime(optional('timestamp') ?? '', this.#context.zones),
      session: {
        pid: typeof pid === 'number' ? pid : null,
        session: optional('session_id'),
        user: nameOrNull(optional('user') ?? ''),
        database: nameOrNull(optional('dbname') ?? ''),
        application: nameOrNull(optional('application_name') ?? ''),
        client: optional('remote_host'),
        backendType: optional('backend_type'),
      },
      severity: severityOfWord(optional('error_severity') ?? '', optional('state_code') ?? ''),
      sqlstate: optional('state_code') ?? '00000',
      message: optional('message') ?? '',
      detail: optional('detail'),
      hint: optional('hint'),
      context: optional('context'),
      statement: optional('statement'),
    };
    emitEntry(
      this.#context,
      eventOfEntry(parts, 'postgres_json', this.#context.cite(ref.line, 1, ref.byteStart, ref.byteEnd)),
    );
  }
}
