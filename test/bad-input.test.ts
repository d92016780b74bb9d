import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Verdict } from '../src/domain.ts';
import { EXIT } from '../src/errors.ts';

const ROOT = join(import.meta.dirname, '..');
const COMMAND = join(ROOT, 'dist', 'cli', 'main.js');
const CAPTURE = join(ROOT, 'fixtures', 'logs', 'csvlog-16');
const DENOKV = join(CAPTURE, 'denokv.log');
const POSTGRES = join(CAPTURE, 'postgresql-2026-11-23_053716.csv');
const OTHER_DENOKV = join(ROOT, 'fixtures', 'logs', 'bare-db-error-16', 'denokv.log');
const FAILURES = 83;

let folder = '';
beforeAll(() => {
  if (!existsSync(COMMAND)) throw new Error('dist is missing: run npm run build (npm test does so itself)');
  folder = mkdtempSync(join(tmpdir(), 'whyd-bad-input-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Outcome {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

function whyd(...args: readonly string[]): Outcome {
  const env = { PATH: process.env['PATH'], TZ: 'UTC' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, ...args], {
    encoding: 'utf8',
    cwd: folder,
    env,
  });
  // A stack trace is no message.
  expect(stderr).not.toMatch(/^ {4}at |a bug in whyd/m);
  return { status, out: stdout, err: stderr };
}

function put(name: string, content: string | Buffer): string {
  writeFileSync(join(folder, name), content);
  return name;
}

function verdictsOf({ out }: Outcome): readonly Verdict[] {
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Verdict);
}

describe.each(['analyze', 'parse'])('whyd %s', (verb) => {
  test('of no path prints its usage', () => {
    const { status, out, err } = whyd(verb);
    expect([status, out]).toEqual([EXIT.usage, '']);
    expect(err).toContain(`missing required argument 'path'`);
    expect(err).toContain(`usage: whyd ${verb} [options] <path...>`);
    expect(err).toContain(`hint: whyd ${verb} --help`);
  });

  test('of an unknown option names it', () => {
    const { status, err } = whyd(verb, '--bogus', 'a.log');
    expect(status).toBe(EXIT.usage);
    expect(err).toContain("unknown option '--bogus'");
    expect(err).toContain(`whyd ${verb} --help`);
  });

  test('of a missing file says so before it reads the others', () => {
    const { status, out, err } = whyd(verb, DENOKV, 'nowhere.log');
    expect([status, out]).toEqual([EXIT.failure, '']);
    expect(err).toBe(
      'whyd: there is no file nowhere.log\nhint: check the path; a log that was rotated may now end in .1 or .gz\n',
    );
  });

  test('of a directory says how to name its files', () => {
    mkdirSync(join(folder, 'logs'), { recursive: true });
    const { status, err } = whyd(verb, 'logs/');
    expect(status).toBe(EXIT.usage);
    expect(err).toContain('logs/ is a directory, not a log');
    expect(err).toContain('logs/*.log');
  });

  test.skipIf(process.getuid?.() === 0)('of a file that may not be read says who may', () => {
    const name = put('secret.log', 'x\n');
    chmodSync(join(folder, name), 0o000);
    const { status, err } = whyd(verb, name);
    expect(status).toBe(EXIT.failure);
    expect(err).toContain('not allowed to read secret.log');
    expect(err).toContain('log_file_mode');
  });

  test.each([
    ['an empty file', 'empty.log', '', 'empty.log is empty'],
    ['a binary file', 'core.log', binary(), 'core.log is no log: its content is binary'],
    ['a manifest', 'package.json', readFileSync(join(ROOT, 'package.json')), 'package.json is not recognised'],
    ['a page of prose', 'README.md', '# Title\n\nSome words.\n\nAnd [a link](x).\n', 'its first line reads: # Title'],
  ])('of %s refuses', (_what, name, content, message) => {
    const { status, out, err } = whyd(verb, put(name, content));
    expect([status, out]).toEqual([EXIT.failure, '']);
    expect(err).toContain('whyd: no log among the files given: ');
    expect(err).toContain(message);
    expect(err).toContain('hint: Name a denokv log and the Postgres log of the same time.');
  });

  test('of damaged gzip reads what can be unpacked, and says so', () => {
    const outcome = whyd(verb, '--json', put('cut.log.gz', gzipSync(readFileSync(DENOKV)).subarray(0, 900)));
    expect(outcome.status).toBe(EXIT.ok);
    expect(outcome.out.split('\n').length).toBeGreaterThan(10);
    expect(outcome.err).toContain('cut.log.gz ends in the middle of its gzip data; what could be unpacked was read');
  });
});

describe('whyd', () => {
  test('alone prints what it can do', () => {
    const { status, err } = whyd();
    expect(status).toBe(EXIT.usage);
    expect(err).toContain('Usage: whyd [options] [command]');
  });

  test('of an unknown verb names it', () => {
    const { status, err } = whyd('analyse', DENOKV);
    expect(status).toBe(EXIT.usage);
    expect(err).toContain("unknown command 'analyse'");
    expect(err).toContain('analyze');
  });

  test.each([
    ['--since', 'whenever', 'ISO 8601'],
    ['--timezone', 'Mars/Olympus', 'Europe/Rome'],
  ])('analyze of a wrong %s says what to write', (option, value, advice) => {
    const { status, err } = whyd('analyze', option, value, DENOKV);
    expect(status).toBe(EXIT.usage);
    expect(err).toContain(advice);
  });
});

describe('what can be answered is answered', () => {
  test('a file that is no log beside those that are', () => {
    const outcome = whyd('analyze', '--json', put('notes.txt', 'call Bob\n'), DENOKV, POSTGRES);
    expect(outcome.status).toBe(EXIT.ok);
    expect(verdictsOf(outcome)).toHaveLength(FAILURES);
    expect(outcome.err).toContain('notes.txt is not recognised');
  });

  test('denokv without Postgres', () => {
    const outcome = whyd('analyze', '--json', DENOKV);
    const verdicts = verdictsOf(outcome);
    expect([outcome.status, verdicts.length]).toEqual([EXIT.ok, FAILURES]);
    expect(new Set(verdicts.map(({ coverage }) => coverage.postgres))).toEqual(new Set(['absent']));
    expect(verdicts.every(({ postgres }) => postgres === null)).toBe(true);
    expect(verdicts.filter(({ cause }) => cause.id === 'unique_violation')).toHaveLength(18);
    expect(outcome.err.match(/Postgres log was/g)).toHaveLength(1);
  });

  test('Postgres without denokv: nothing to explain is no error', () => {
    const asJson = whyd('analyze', '--json', POSTGRES);
    expect([asJson.status, asJson.out]).toEqual([EXIT.ok, '']);
    expect(asJson.err).toContain('No denokv log was read');
    const report = whyd('analyze', POSTGRES);
    expect(report.status).toBe(EXIT.ok);
    expect(report.out).toContain('Nothing to explain: without a denokv log nobody knows which requests failed.');
    expect(report.out).not.toContain('No failures');
  });

  test('denokv on SQLite lacks no Postgres log', () => {
    const outcome = whyd('analyze', '--json', join(ROOT, 'fixtures', 'logs', 'sqlite', 'denokv.log'));
    expect([outcome.status, outcome.err]).toEqual([EXIT.ok, '']);
  });

  test('a log given twice is read once', () => {
    const outcome = whyd('analyze', '--json', DENOKV, `${CAPTURE}/./denokv.log`, POSTGRES);
    expect([outcome.status, verdictsOf(outcome).length]).toEqual([EXIT.ok, FAILURES]);
    expect(outcome.err).toContain('denokv.log was given more than once, and is read once');
  });

  test('two denokv logs: apart in time they are a rotation, of the same time they are two servers', () => {
    const apart = whyd('analyze', '--json', DENOKV, OTHER_DENOKV);
    expect(apart.status).toBe(EXIT.ok);
    expect(verdictsOf(apart).length).toBeGreaterThan(FAILURES);
    expect(apart.err).not.toContain('of the same time');

    copyFileSync(DENOKV, join(folder, 'second.log'));
    const together = whyd('analyze', '--json', DENOKV, 'second.log', POSTGRES);
    expect(together.status).toBe(EXIT.ok);
    expect(new Set(verdictsOf(together).map(({ id }) => id)).size).toBe(2 * FAILURES);
    expect(together.err).toMatch(/denokv logs of the same time, joined as if one Postgres stood behind both/);
  });

  test('logs that end in the middle of an entry', () => {
    const denokv = put('denokv.log', readFileSync(DENOKV).subarray(0, 2_000));
    const postgres = put('postgresql.csv', readFileSync(POSTGRES).subarray(0, 3_000));
    const outcome = whyd('analyze', '--json', denokv, postgres);
    expect(outcome.status).toBe(EXIT.ok);
    expect(verdictsOf(outcome).length).toBeGreaterThan(1);
    expect(outcome.err).toContain('denokv.log ends in the middle of a line: its last entry may not be whole');
    expect(outcome.err).toContain('postgresql.csv ends in the middle of a line');
  });

  test('a log that begins in the middle of an entry', () => {
    const denokv = put('tail.log', readFileSync(DENOKV).subarray(5_000));
    const postgres = put('tail.csv', readFileSync(POSTGRES).subarray(777));
    const outcome = whyd('analyze', '--json', denokv, postgres);
    expect(outcome.status).toBe(EXIT.ok);
    expect(verdictsOf(outcome).length).toBeGreaterThan(50);
  });

  test('a packed log, and one from stdin', () => {
    const packed = whyd('analyze', '--json', put('denokv.log.gz', gzipSync(readFileSync(DENOKV))), POSTGRES);
    expect([packed.status, verdictsOf(packed).length]).toEqual([EXIT.ok, FAILURES]);
    const args = [COMMAND, 'analyze', '--json', '-', POSTGRES];
    const piped = spawnSync(process.execPath, args, { input: readFileSync(DENOKV), encoding: 'utf8' });
    expect([piped.status, piped.stdout.trimEnd().split('\n').length]).toEqual([EXIT.ok, FAILURES]);
  });
});

/** Bytes of every value, the same in every run. */
function binary(): Buffer {
  return Buffer.from(Array.from({ length: 60_000 }, (_, index) => (index * index * 31 + index * 7) & 0xff));
}
