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

export function readErrorLine(text: string): ErrorLine {
  if (text.startsWith(WRITE_FAILED)) return { kind: 'write_failed', error: text.slice(WRITE_FAILED.length) };
  const symptom = readSymptom(text);
  if (symptom === null) return OTHER;
  const { error, operation } = symptom;
  const shown = redactSecrets(error);
  const { body, connecting } = unwrapError(shown);
  return { kind: 'symptom', error, operation, text: shown, body, connecting };
}
