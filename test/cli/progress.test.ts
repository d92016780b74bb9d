import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { showCatchUp, type CatchUp } from '../../src/live/back-fill.ts';
import { runDaemon } from '../../src/cli/run-daemon.ts';
import { createProgressBar } from '../../src/cli/progress-bar.ts';
import { logsOf } from '../golden/captures.ts';
import { fakeTerminal, TEST_CLOCK } from './fake-terminal.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'dist', 'cli', 'main.js');
const SCRIPT = '/usr/bin/script';

test('a bar is drawn at most ten times a second, and at once after it was wiped', () => {
  const drawn: string[] = [];
  let nowMs = 0;
  const bar = createProgressBar({ redraw: (line) => drawn.push(line) }, () => nowMs);
  bar.clear();
  bar.show({ doneBytes: 0, totalBytes: 100 });
  bar.show({ doneBytes: 10, totalBytes: 100 });
  nowMs = 100;
  bar.show({ doneBytes: 20, totalBytes: 100 });
  bar.clear();
  bar.clear();
  bar.show({ doneBytes: 30, totalBytes: 100 });
  expect(drawn.map((line) => /\d+%|^$/.exec(line)?.[0])).toEqual(['0%', '20%', '', '30%']);
});

describe('catching up', () => {
  const steps = (lags: readonly number[]): readonly (CatchUp | null)[] => {
    const shown: (CatchUp | null)[] = [];
    const left = [...lags];
    const look = showCatchUp(
      () => [{ lagBytes: left.shift() ?? 0 }],
      (progress) => shown.push(progress),
    );
    for (const _ of lags) look();
    return shown;
  };
  const MB = 2 ** 20;

  test('is told from the most that was to be read, and its end once', () => {
    expect(steps([8 * MB, 6 * MB, 0, 0])).toEqual([
      { doneBytes: 0, totalBytes: 8 * MB },
      { doneBytes: 2 * MB, totalBytes: 8 * MB },
      null,
    ]);
  });

  test('what is read in a moment is not told', () => {
    expect(steps([MB - 1, 10, 0])).toEqual([]);
  });
});

test("a daemon's lines do not run into the bar, and without a terminal nobody is told of progress", async () => {
  const events: string[] = [];
  const terminal = { ...fakeTerminal(), err: (line: string) => events.push(line) };
  const redraw = (line: string): void => void events.push(line === '' ? '(wiped)' : '(bar)');
  const daemon = { url: '', token: '', finished: Promise.resolve(), close: () => Promise.resolve() };
  const start: Parameters<typeof runDaemon>[1] = (hooks) => {
    events.push(hooks.onProgress === undefined ? 'no bar' : 'a bar');
    hooks.onProgress?.({ doneBytes: 1, totalBytes: 2 });
    hooks.onMessage('says something');
    hooks.onProgress?.({ doneBytes: 2, totalBytes: 2 });
    hooks.onProgress?.(null);
    return Promise.resolve(daemon);
  };
  const parts = { env: {}, clock: () => TEST_CLOCK, setExitCode: () => undefined };
  await runDaemon({ ...parts, terminal: { ...terminal, redraw } }, start, () => undefined);
  await runDaemon({ ...parts, terminal }, start, () => undefined);
  expect(events).toEqual([
    'a bar',
    '(bar)',
    '(wiped)',
    'whyd: says something',
    '(bar)',
    '(wiped)',
    'no bar',
    'whyd: says something',
  ]);
});

/** What a command writes, with its stderr on a pseudo-terminal or on a pipe. */
function run(
  command: string,
  args: readonly string[],
  until: (text: string) => boolean = () => false,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: { ...process.env, COLUMNS: '80', TERM: 'xterm' } });
    let text = '';
    const take = (bytes: Buffer): void => {
      text += bytes.toString('utf8');
      if (until(text)) child.kill('SIGTERM');
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', reject);
    child.on('close', () => {
      resolve(text);
    });
  });
}

const quoted = (args: readonly string[]): string => args.map((arg) => `'${arg}'`).join(' ');

describe.skipIf(!existsSync(SCRIPT))('on a real terminal (script)', () => {
  const analyze = ['node', MAIN, 'analyze', ...logsOf('stderr-15')];
  const demo = ['node', MAIN, 'demo', '--speed', '1000'];

  test('analyze draws a bar and wipes it before the report', async () => {
    const text = await run(SCRIPT, ['-qec', quoted(analyze), '/dev/null']);
    expect(text).toMatch(/\r\x1b\[2Kreading \[[#.]{30}\] +\d+% /);
    expect(text.lastIndexOf('reading [')).toBeLessThan(text.lastIndexOf('\r\x1b[2K'));
    expect(text.lastIndexOf('\r\x1b[2K')).toBeLessThan(text.indexOf('(HTTP 500)'));
  });

  test('the replay of npm start draws one', async () => {
    const text = await run(SCRIPT, ['-qec', quoted(demo), '/dev/null'], (soFar) => soFar.includes('replaying ['));
    expect(text).toMatch(/\r\x1b\[2Kreplaying \[[#.]{30}\] +\d+% /);
  });
});

test('on a pipe there is none', async () => {
  const text = await run('node', [MAIN, 'analyze', ...logsOf('stderr-15')]);
  expect(text).toContain('(HTTP 500)');
  expect(text).not.toMatch(/reading \[|\x1b/);
});
