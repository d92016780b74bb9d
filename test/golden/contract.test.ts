import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyze.ts';
import { plain } from '../../src/cli/style.ts';
import { toEventRow } from '../../src/query/event-row.ts';
import { showReport } from '../../src/cli/show-report.ts';
import { correlate } from '../../src/correlate/correlate.ts';
import type { LogEvent, Verdict } from '../../src/domain.ts';
import { parseLogs } from '../../src/parse.ts';
import { LogParser } from '../../src/parsers/log-parser.ts';
import { createZoneResolver } from '../../src/time/zone.ts';
import { captureNames, logsOf } from './captures.ts';
import { describeShape, VERDICT_SHAPE } from './verdict-shape.ts';

const AS_IT_IS = { timezone: null, linePrefix: null, sinceUs: null, untilUs: null };
/** Stands in the start-up line of every capture of denokv on Postgres. */
const PASSWORD = 'kv7-Tq2pLx';

describe.each(captureNames())('%s', (capture) => {
  test('a verdict has the fields of the contract, and no other', async () => {
    const { verdicts } = await analyze(logsOf(capture), AS_IT_IS);
    expect(verdicts.length).toBeGreaterThan(0);
    for (const verdict of verdicts) {
      const written: unknown = JSON.parse(JSON.stringify(verdict));
      expect(describeShape(written, VERDICT_SHAPE)).toEqual([]);
    }
  });

  test('ids are unique, and nothing depends on the order of the files', async () => {
    const logs = logsOf(capture);
    const { verdicts } = await analyze(logs, AS_IT_IS);
    expect(new Set(verdicts.map(({ id }) => id)).size).toBe(verdicts.length);
    const turned = await analyze([...logs].reverse(), AS_IT_IS);
    expect(turned.verdicts).toEqual(verdicts);
  });

  test.each([1, 97, 4096, 70_001])('reading in pieces of %i bytes changes nothing', async (pieceBytes) => {
    const logs = logsOf(capture);
    const { verdicts } = await analyze(logs, AS_IT_IS);
    expect(correlatePieces(logs, pieceBytes)).toEqual(verdicts);
  });

  test('the password of the start-up line comes out nowhere', async () => {
    const logs = logsOf(capture);
    const wholeText = logs.map((path) => readFileSync(path, 'utf8')).join('\n');
    expect(wholeText.includes(PASSWORD)).toBe(capture !== 'sqlite');

    const result = await analyze(logs, AS_IT_IS);
    const report = showReport(result, { columns: 120, zone: 'UTC', style: plain }).join('\n');
    expect(JSON.stringify(result) + report).not.toContain(PASSWORD);

    const events: LogEvent[] = [];
    const parsed = await parseLogs(logs, {
      timezone: null,
      linePrefix: null,
      keepStatements: true,
      onEvents: (some) => events.push(...some),
    });
    expect(JSON.stringify([parsed, events, events.map(toEventRow)])).not.toContain(PASSWORD);
  });
});

function correlatePieces(logs: readonly string[], pieceBytes: number): readonly Verdict[] {
  const events = logs.flatMap((path, fileId) => eventsOf(path, fileId, pieceBytes));
  const whole = { gaps: [], completeUntilUs: null };
  const denokv = events.filter((event) => event.kind === 'denokv_error' || event.kind === 'denokv_note');
  const postgres = events.filter((event) => event.kind === 'postgres_error' || event.kind === 'postgres_context');
  const proxy = events.filter((event) => event.kind === 'proxy_response');
  const coverage = { denokv: whole, postgres: logs.length > 1 ? whole : null };
  return correlate({ denokv, postgres, proxy, coverage }).verdicts;
}

function eventsOf(path: string, fileId: number, pieceBytes: number): readonly LogEvent[] {
  const parser = new LogParser({
    fileId,
    file: basename(path),
    hints: { kind: null, linePrefix: null },
    zones: createZoneResolver(null),
    keepStatements: false,
    linesBefore: 0,
  });
  const bytes = readFileSync(path);
  const events: LogEvent[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const piece = bytes.subarray(at, at + pieceBytes);
    events.push(...parser.push({ fileId, byteStart: at, bytes: piece, startsGeneration: at === 0 }));
  }
  return [...events, ...parser.end()];
}
