import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Operation } from '../../src/domain.ts';

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
    .filter((name) => name !== 'golden.jsonl')
    .sort()
    .map((name) => join(CAPTURES, capture, name));
}

export function goldenOf(capture: string): readonly GoldenRow[] {
  return readFileSync(join(CAPTURES, capture, 'golden.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as GoldenRow);
}

export function placeOf(place: Place | null | undefined): string | null {
  return place == null ? null : `${place.file}:${String(place.line)}`;
}
