import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { analyze, type AnalyzeOptions } from '../../src/analyze.ts';
import { logsOf } from './captures.ts';

const AS_IT_IS = { timezone: null, linePrefix: null, sinceUs: null, untilUs: null };
const IN_PIECES = { ...AS_IT_IS, maxHeldEvents: 30, maxJoinedEvents: 30 };
const LINE_FEED = '\n';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'whyd-rotated-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Cuts each log of a capture between two of its records, into as many parts, and gives their paths, oldest first. */
function rotated(capture: string, parts: number, nameOf: (log: string, age: number) => string): string[][] {
  return logsOf(capture).map((path) => {
    const lines = readFileSync(path, 'utf8').split(LINE_FEED);
    const beginnings = lines.flatMap((line, at) => (/^(?:\d{4}-|\[\d{4}-|\{)/.test(line) ? [at] : []));
    const cuts = Array.from({ length: parts }, (_, part) =>
      part === 0 ? 0 : beginnings[Math.floor((beginnings.length * part) / parts)],
    );
    return cuts.map((from, part) => {
      const text = lines.slice(from, cuts[part + 1]).join(LINE_FEED) + (part === parts - 1 ? '' : LINE_FEED);
      const name = join(folder, nameOf(basename(path), parts - 1 - part));
      writeFileSync(name, name.endsWith('.gz') ? gzipSync(text) : text);
      return name;
    });
  });
}

const NUMBERED = (log: string, age: number): string => (age === 0 ? log : `${log}.${String(age)}`);
const PACKED = (log: string, age: number): string => (age < 2 ? NUMBERED(log, age) : `${log}.${String(age)}.gz`);
const LETTERED = (log: string, age: number): string => log.replace('.', `-${String.fromCharCode(122 - age)}.`);

async function said(paths: readonly string[], options: AnalyzeOptions): Promise<unknown> {
  const { verdicts, incidents, dropped } = await analyze(paths, options);
  // Files are numbered as they are read, and those that begin in one printed second in either order.
  return {
    verdicts,
    incidents: incidents.map(({ opening, ...rest }) => ({ ...rest, opening: { ...opening, fileId: 0 } })),
    dropped,
  };
}

describe.each(['storm-15', 'proxy-15', 'journald-15'])('%s, rotated within printed seconds', (capture) => {
  it.each([
    { names: 'numbered', nameOf: NUMBERED },
    { names: 'numbered and packed', nameOf: PACKED },
    { names: 'lettered', nameOf: LETTERED },
  ])('gives the same answers with the newest file first: $names', async ({ nameOf }) => {
    const logs = rotated(capture, 7, nameOf);
    const oldestFirst = await said(logs.flat(), AS_IT_IS);
    expect(oldestFirst).toMatchObject({ verdicts: expect.arrayContaining([expect.anything()]) as unknown });
    expect(await said(logs.flat().toReversed(), AS_IT_IS)).toEqual(oldestFirst);
  });

  it('does so too where the logs are joined in pieces', async () => {
    const logs = rotated(capture, 7, NUMBERED);
    expect(await said(logs.flat().toReversed(), IN_PIECES)).toEqual(await said(logs.flat(), IN_PIECES));
  });
});
