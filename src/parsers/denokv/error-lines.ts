import type { DenokvErrorBody } from '../../domain.ts';
import { redactSecrets } from '../redact.ts';
import { readSymptom, type SymptomOperation } from './symptoms.ts';
import { unwrapError } from './unwrap.ts';

/** What an error line says by its text alone: that a write failed and a second line tells of it too, the one line that every logged 500 has, or else. */
export type ErrorLine =
  | { readonly kind: 'write_failed'; readonly error: string }
  | {
      readonly kind: 'symptom';
      /** As printed: the lines of a pair are known by it. */
      readonly error: string;
      readonly operation: SymptomOperation;
      readonly text: string;
      readonly body: DenokvErrorBody;
      readonly connecting: boolean;
    }
  | { readonly kind: 'other' };

export const WRITE_FAILED = 'atomic_write failed: ';
const OTHER: ErrorLine = { kind: 'other' };
const MAX_KNOWN = 1024;
const MAX_KNOWN_CHARS = 2000;

/** Error lines as they were read before: a storm says the same few things thousands of times. Emptied when full, which costs less than keeping an order. */
export class ErrorLines {
  readonly #known = new Map<string, ErrorLine>();

  read(text: string): ErrorLine {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    if (text.length > MAX_KNOWN_CHARS) return readErrorLine(text);
    // What is cut out of a log's text keeps all of that alive.
    const own = Buffer.from(text).toString();
    const line = readErrorLine(own);
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(own, line);
    return line;
  }
}

function readErrorLine(text: string): ErrorLine {
  if (text.startsWith(WRITE_FAILED)) return { kind: 'write_failed', error: text.slice(WRITE_FAILED.length) };
  const symptom = readSymptom(text);
  if (symptom === null) return OTHER;
  const { error, operation } = symptom;
  const shown = redactSecrets(error);
  const { body, connecting } = unwrapError(shown);
  return { kind: 'symptom', error, operation, text: shown, body, connecting };
}
