import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DroppedCause, Operation } from '../../src/domain.ts';

export const CAPTURES = join(import.meta.dirname, '..', '..', 'fixtures', 'logs');

interface Place {
  readonly file: string;
  readonly line: number;
}

/** One 500 as it really was; fixtures/logs/README.md says what the fields mean. */
export interface GoldenRow {
  readonly symptom: Place;
  readonly operation: Operation;
  readonly cause: string;
  readonly accept?: readonly string[];
  readonly postgres: Place | null;
  readonly postgresAccept?: Place;
  readonly root: Place | null;
  readonly requestId?: string;
}

/** One request that got no answer, as it really was. */
export interface DroppedRow {
  readonly symptom: Place;
  readonly requestId: string;
  readonly operation: Operation;
  readonly cause: DroppedCause;
  /** What denokv's panic was about, and where it stands; null where it did not panic. */
  readonly panic: (Place & { readonly cause: string }) | null;
}

/** What a capture's verdicts may fall short of: everything not named here has to be right. */
export interface Shortfall {
  readonly capture: string;
  /** Lines that are wrong or missing, and how many of the wrong ones may have been called sure (confidence >= 0.99). */
  readonly wrongLines: number;
  readonly sureWrongLines: number;
  readonly wrongRoots: number;
  /** Why no more can be asked for. */
  readonly because: string;
}

/** The captures of which it is known what happened; the others are for the parsers alone. */
export function captureNames(): readonly string[] {
  return readdirSync(CAPTURES)
    .filter((name) => existsSync(join(CAPTURES, name, 'golden.jsonl')))
    .sort();
}

/** The logs of a capture, as paths. */
export function logsOf(capture: string): readonly string[] {
  return readdirSync(join(CAPTURES, capture))
    .filter((name) => name !== 'golden.jsonl' && name !== 'dropped.jsonl')
    .sort()
    .map((name) => join(CAPTURES, capture, name));
}

export function goldenOf(capture: string): readonly GoldenRow[] {
  return rowsOf(capture, 'golden.jsonl').map((line) => JSON.parse(line) as GoldenRow);
}

export function goldenDroppedOf(capture: string): readonly DroppedRow[] {
  return rowsOf(capture, 'dropped.jsonl').map((line) => JSON.parse(line) as DroppedRow);
}

function rowsOf(capture: string, file: string): readonly string[] {
  return readFileSync(join(CAPTURES, capture, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}

export function placeOf(place: Place | null | undefined): string | null {
  return place == null ? null : `${place.file}:${String(place.line)}`;
}
