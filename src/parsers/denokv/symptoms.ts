import type { Operation } from '../../domain.ts';

/** Which operation a symptom's line stands for: one for certain; a write if a write announced it, else a read; or it cannot be told. */
export type SymptomOperation = Operation | 'by_pair' | null;

interface SymptomWording {
  readonly text: string;
  readonly operation: SymptomOperation;
  /** The wording is part of what went wrong, not a label in front of it. */
  readonly keepsText: boolean;
}

/** How each generation of denokv words the one line that every logged 500 has. */
const WORDINGS: readonly SymptomWording[] = [
  { text: 'Database error: ', operation: 'by_pair', keepsText: false },
  { text: 'Failed to read from the database: ', operation: 'snapshot_read', keepsText: false },
  { text: 'Failed to write to database: ', operation: 'atomic_write', keepsText: false },
  { text: 'Failed to decode value with invalid encoding ', operation: 'snapshot_read', keepsText: true },
  { text: 'Sqlite error: ', operation: null, keepsText: false },
  { text: 'Generic error: ', operation: null, keepsText: false },
];

/** The error of a line that stands for an HTTP 500, and what it says of the operation; null for any other line. */
export function readSymptom(text: string): { readonly error: string; readonly operation: SymptomOperation } | null {
  const wording = WORDINGS.find((known) => text.startsWith(known.text));
  if (wording === undefined) return null;
  return { error: wording.keepsText ? text : text.slice(wording.text.length), operation: wording.operation };
}
