import type { Row } from './connection.ts';

/** Readers of one column: what a server of another make answers in another type is said, not guessed. */

export function text(row: Row, column: string): string {
  const value: unknown = row[column];
  if (typeof value === 'string') return value;
  throw new Error(`the server gave no text for ${column}`);
}

export function textOrNull(row: Row, column: string): string | null {
  return row[column] === null ? null : text(row, column);
}

export function flag(row: Row, column: string): boolean {
  const value: unknown = row[column];
  if (typeof value === 'boolean') return value;
  throw new Error(`the server gave no truth value for ${column}`);
}

/** Integers and doubles; bigint comes as text. */
export function number(row: Row, column: string): number {
  const value: unknown = row[column];
  const parsed = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (typeof parsed === 'number' && Number.isFinite(parsed)) return parsed;
  throw new Error(`the server gave no number for ${column}`);
}

export function numberOrNull(row: Row, column: string): number | null {
  return row[column] === null ? null : number(row, column);
}

export function list(row: Row, column: string): readonly unknown[] {
  const value: unknown = row[column];
  if (Array.isArray(value)) return value;
  throw new Error(`the server gave no list for ${column}`);
}

export function texts(row: Row, column: string): readonly string[] {
  return list(row, column).map(String);
}
