import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { analyze, type AnalyzeResult } from '../../src/analyze.ts';
import type { Verdict } from '../../src/domain.ts';
import { readAgain } from '../../src/parse.ts';
import { logsOf } from './captures.ts';

const AS_IT_IS = { timezone: null, linePrefix: null, sinceUs: null, untilUs: null };
/** So few that every capture is joined in several pieces. */
const FEW = 30;
/** A piece ends where the whole goes on: what lies beyond weighs in by less than this. */
const SLIGHT = 0.005;

const LATE_MS = 7 * 60_000;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'whyd-pieces-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** @param maxHeldEvents of more than this the logs are read twice */
async function inPieces(paths: readonly string[], maxHeldEvents = FEW): Promise<AnalyzeResult> {
  const verdicts: Verdict[] = [];
  const onVerdict = (verdict: Verdict): void => {
    verdicts.push(verdict);
  };
  const result = await analyze(paths, { ...AS_IT_IS, maxHeldEvents, maxJoinedEvents: FEW, onVerdict });
  expect(result.verdicts).toEqual([]);
  return { ...result, verdicts };
}

function byId<T extends { readonly id: string }>(all: readonly T[]): readonly T[] {
  return all.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** What is said, without how sure it is. */
function saidBy({ id, operation, requestId, cause, postgres, root, episode, remedies }: Verdict): unknown {
  return [id, operation, requestId, cause.id, cause.summary, postgres?.file, postgres?.line, root, episode, remedies];
}

describe.each([
  'stderr-15',
  'proxy-15',
  'journald-15',
  'bare-db-error-16',
  'csvlog-16',
  'storm-15',
  'three-forms',
  'sqlite',
])('%s, read twice and joined piece by piece', async (capture) => {
  const whole = await analyze(logsOf(capture), AS_IT_IS);
  const pieces = await inPieces(logsOf(capture));

  it('gives the same answers as joined at one stroke', () => {
    expect(byId(pieces.verdicts).map(saidBy)).toEqual(byId(whole.verdicts).map(saidBy));
    const other = new Map(pieces.verdicts.map((verdict) => [verdict.id, verdict]));
    for (const { id, cause, postgres } of whole.verdicts) {
      const found = other.get(id);
      expect(Math.abs((found?.cause.confidence ?? 0) - cause.confidence)).toBeLessThan(SLIGHT);
      expect(Math.abs((found?.postgres?.confidence ?? 0) - (postgres?.confidence ?? 0))).toBeLessThan(SLIGHT);
    }
  });

  it('finds the same incidents, with as many failures under them, and the same dropped requests', () => {
    expect(pieces.incidents).toEqual(whole.incidents);
    expect(byId(pieces.dropped)).toEqual(byId(whole.dropped));
  });

  it('says the same of events that are held, and not read again', async () => {
    const held = await inPieces(logsOf(capture), Number.POSITIVE_INFINITY);
    expect(held.verdicts.length).toBe(whole.verdicts.length);
    expect(byId(held.verdicts).map(saidBy)).toEqual(byId(whole.verdicts).map(saidBy));
    expect(held.incidents).toEqual(whole.incidents);
    expect(byId(held.dropped)).toEqual(byId(whole.dropped));
  });
});

describe('logs of two hosts whose clocks are minutes apart', () => {
  it('are laid side by side by the clock that all of them together give away', async () => {
    const [denokv = '', ...others] = logsOf('stderr-15').toSorted((a) => (a.endsWith('denokv.log') ? -1 : 1));
    const late = join(folder, 'denokv.log');
    const later = (_: string, at: string): string =>
      `[${new Date(Date.parse(at) + LATE_MS).toISOString().slice(0, 19)}Z`;
    writeFileSync(late, readFileSync(denokv, 'utf8').replace(/^\[([^ ]{19}Z)/gm, later));
    const whole = await analyze([late, ...others], AS_IT_IS);
    const pieces = await inPieces([late, ...others]);
    expect(whole.verdicts.filter(({ postgres }) => postgres !== null).length).toBeGreaterThan(20);
    expect(byId(pieces.verdicts).map(saidBy)).toEqual(byId(whole.verdicts).map(saidBy));
  });
});

describe('logs that have no piece to begin with', () => {
  it('are joined at one stroke when one was put together of later lines and earlier ones', async () => {
    const [denokv = '', ...others] = logsOf('stderr-15').toSorted((a) => (a.endsWith('denokv.log') ? -1 : 1));
    const lines = readFileSync(denokv, 'utf8').split(/^(?=\[)/m);
    const middle = Math.floor(lines.length / 2);
    const turned = join(folder, 'denokv.log');
    writeFileSync(turned, [...lines.slice(middle), ...lines.slice(0, middle)].join(''));
    const whole = await analyze([turned, ...others], AS_IT_IS);
    const pieces = await inPieces([turned, ...others]);
    expect(JSON.stringify(pieces.verdicts)).toBe(JSON.stringify(whole.verdicts));
  });

  it('are refused when one became shorter meanwhile', async () => {
    const path = join(folder, 'denokv.log');
    writeFileSync(path, '[2026-11-23T05:38:54Z INFO  denokv] Listening on http://127.0.0.1:6432\n');
    const log = { path, fileId: 0, modifiedMs: 0, sizeBytes: 1000 };
    const reading = readAgain(log, { timezone: null, linePrefix: null, keepStatements: false });
    await reading.next();
    await expect(reading.next()).rejects.toMatchObject({ code: 'input.changed' });
  });
});
