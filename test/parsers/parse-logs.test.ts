import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it, test } from 'vitest';
import type { Detection, LogEvent } from '../../src/domain.ts';
import { describeDetection } from '../../src/offline/input-findings.ts';
import { parseLogs, type ParsedLog } from '../../src/parse.ts';
import { readFixture } from './parse-bytes.ts';

const folder = mkdtempSync(join(tmpdir(), 'whyd-parse-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const denokvLog = readFixture('wrapping', 'denokv.log');
const postgresLog = readFixture('wrapping', 'postgresql.log');

function fileOf(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function parse(...paths: readonly string[]): Promise<{ logs: ParsedLog[]; events: LogEvent[] }> {
  const events: LogEvent[] = [];
  const logs = await parseLogs(paths, {
    timezone: null,
    linePrefix: null,
    keepStatements: false,
    onEvents: (more) => events.push(...more),
  });
  return { logs, events };
}

async function findingOf(name: string, content: string | Buffer): Promise<string | null> {
  return (await parse(fileOf(name, content))).logs[0]?.finding ?? null;
}

describe('a log_line_prefix that was given', () => {
  const given = async (linePrefix: string): Promise<ParsedLog | undefined> => {
    const path = fileOf('given.log', postgresLog);
    const options = { timezone: null, linePrefix, keepStatements: false, onEvents: () => undefined };
    return (await parseLogs([path], options))[0];
  };

  it('yields to what the log shows, and that is said', async () => {
    const shown = (await parse(fileOf('given.log', postgresLog))).logs[0]?.status.detection?.linePrefix ?? '';
    const wrong = await given('%p|%u|%t|');
    expect(wrong?.finding).toContain(`its lines have the prefix '${shown}', not '%p|%u|%t|' as was given`);
    expect(wrong?.status.counts.events).toBeGreaterThan(0);
    expect((await given(shown))?.finding).toBeNull();
  });
});

test.each<[Detection, string]>([
  [
    { kind: 'postgres', format: 'postgres_stderr', linePrefix: '%m [%p] ', confidence: 0.9958 },
    "a.log is read as Postgres' stderr form, log_line_prefix '%m [%p] ' (99% sure)",
  ],
  [{ kind: 'denokv', format: 'denokv', linePrefix: null, confidence: 1 }, "a.log is read as denokv's log (100% sure)"],
])('describeDetection %j', (detection, says) => {
  expect(describeDetection('a.log', detection)).toBe(says);
});

it('waits for a slow reader of the events before it reads on', async () => {
  const path = fileOf('long.log', Buffer.concat(Array.from({ length: 400 }, () => postgresLog)));
  let waiting = 0;
  let most = 0;
  let waits = 0;
  await parseLogs([path], {
    timezone: null,
    linePrefix: null,
    keepStatements: false,
    onEvents: () => {
      most = Math.max(most, ++waiting);
    },
    whenReady: async () => {
      waits++;
      await new Promise((resolve) => setImmediate(resolve));
      waiting = 0;
    },
  });
  expect(waits).toBeGreaterThan(1);
  expect(most).toBe(1);
});

it('reads two files at once, each into a space of its own', async () => {
  const paths = [1, 2].map((n) =>
    fileOf(`twin-${String(n)}.log`, Buffer.concat(Array.from({ length: 300 * n }, () => postgresLog))),
  );
  const alone = [];
  for (const path of paths) alone.push((await parse(path)).events);
  const together = await Promise.all(paths.map(async (path) => (await parse(path)).events));
  expect(together).toEqual(alone);
});

describe('paths that are no logs', () => {
  it('are refused before anything is read', async () => {
    const good = fileOf('good.log', denokvLog);
    const missing = join(folder, 'missing.log');
    await expect(parse(good, missing)).rejects.toMatchObject({
      code: 'input.missing',
      message: `there is no file ${missing}`,
    });
    await expect(parse(good, join(good, 'x'))).rejects.toMatchObject({ code: 'input.missing' });
    await expect(parse(good, folder)).rejects.toMatchObject({ code: 'input.is_directory', exitCode: 2 });
  });

  it.each([
    ['empty.log', '', /empty\.log is empty$/],
    ['blank.log', '\n\n\n', /blank\.log holds blank lines only$/],
    [
      'prose.log',
      'Once upon a time\n',
      /not recognised as a denokv, Postgres or proxy log; its first line reads: Once upon a time$/,
    ],
    [
      'binary.log',
      Buffer.from(Array.from({ length: 999 }, (_, i) => (i * 31) % 256)),
      /binary\.log is no log: its content is binary$/,
    ],
    ['utf16.log', Buffer.from(`\ufeff${denokvLog.toString()}`, 'utf16le'), /utf16\.log is UTF-16 text.*iconv/],
  ])('%s: says what it is', async (name, content, says) => {
    expect(await findingOf(name, content)).toMatch(says);
  });
});

describe('logs that gave less than they could', () => {
  it('says nothing of a whole one', async () => {
    expect(await findingOf('denokv.log', denokvLog)).toBeNull();
    expect(await findingOf('postgresql.log', postgresLog)).toBeNull();
  });

  it('says what was not understood, with an example', async () => {
    expect(await findingOf('odd.log', `${denokvLog.toString()}Segmentation fault\n`)).toMatch(
      /1 of 27 lines were not understood, such as: Segmentation fault$/,
    );
  });

  it('says whose lines were passed over', async () => {
    const log = `denokv-1  | [2026-11-23T05:43:22Z ERROR denokv] Database error: x\nweb-1  | hello\n`;
    expect(await findingOf('compose.log', log)).toMatch(/1 lines of other programs \(web-1\) were passed over$/);
  });

  it('says that a log ends in the middle of a line', async () => {
    expect(await findingOf('cut.log', denokvLog.subarray(0, -9))).toMatch(/cut\.log ends in the middle of a line/);
  });
});

describe('packed logs', () => {
  it('are known by their bytes, in several members too', async () => {
    const plain = await parse(fileOf('plain.log', postgresLog));
    const half = postgresLog.indexOf('\n', 1000) + 1;
    const packed = Buffer.concat([gzipSync(postgresLog.subarray(0, half)), gzipSync(postgresLog.subarray(half))]);
    const { events, logs } = await parse(fileOf('plain.log', packed));
    expect(events).toEqual(plain.events);
    expect(logs[0]?.finding).toBeNull();
  });

  it('give what can be had of a file that breaks off', async () => {
    const big = Buffer.concat(Array.from({ length: 400 }, () => postgresLog));
    const packed = gzipSync(big);
    const path = fileOf('torn.log.gz', packed.subarray(0, packed.length - 40));
    const { events, logs } = await parse(path);
    expect(events.length).toBeGreaterThan(1000);
    expect(logs[0]?.finding).toContain(`${path} ends in the middle of its gzip data; what could be unpacked was read`);
  });

  it('are refused when nothing can be had', async () => {
    await expect(parse(fileOf('broken.gz', Buffer.from([0x1f, 0x8b, 1, 2, 3, 4])))).rejects.toMatchObject({
      code: 'input.damaged',
    });
  });
});

describe('a file that holds several logs', () => {
  it('gives one entry for each, and counts each line once', async () => {
    const log = Buffer.concat([denokvLog, postgresLog]);
    const { logs } = await parse(fileOf('both.log', log));
    expect(logs.map(({ status }) => [status.detection?.kind, status.counts.events])).toEqual(
      [
        ['postgres', 8],
        ['denokv', 11],
      ].sort((a, b) => Number(b[1]) - Number(a[1])),
    );
    expect(logs[0]?.finding).toMatch(/holds several logs, and all of them were read: denokv, Postgres/);
    expect(logs.reduce((sum, { status }) => sum + status.counts.lines, 0)).toBe(log.toString().split('\n').length - 1);
  });
});

it("takes the year of BSD syslog's times from when the file was written", async () => {
  const path = fileOf(
    'syslog',
    'Feb 29 05:43:22 db postgres[7]: [2-1] LOG:  one\nFeb 29 05:43:23 db postgres[7]: [3-1] ERROR:  two\n',
  );
  utimesSync(path, new Date('2025-01-01'), new Date('2025-01-01'));
  const { events } = await parse(path);
  expect(events.map(({ at }) => new Date((at?.us ?? 0) / 1000).toISOString())).toEqual([
    '2024-02-29T05:43:22.000Z',
    '2024-02-29T05:43:23.000Z',
  ]);
});
