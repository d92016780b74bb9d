import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { difference, readIndex, readWhole, SAME } from './compare.ts';
import { DaemonProcess, isBuilt } from './daemon-process.ts';
import { findPostgres, NO_POSTGRES, PostgresServer } from './postgres-server.ts';

const native = findPostgres();
if (native === null) console.warn(NO_POSTGRES);

let folder: string;
let server: PostgresServer;
let daemon: DaemonProcess | null;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'whyd-rotation-'));
  server = new PostgresServer(native ?? '', folder);
  daemon = null;
});

afterEach(async () => {
  await daemon?.kill('SIGTERM');
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function follow(path: string): Promise<void> {
  const config = join(folder, 'whyd.yaml');
  const lines = [
    'sources:',
    `  - { kind: postgres, path: ${path} }`,
    `index: { path: ${join(folder, 'whyd.db')} }`,
    'api: { listen: 127.0.0.1:0 }',
  ];
  writeFileSync(config, `${lines.join('\n')}\n`);
  daemon = new DaemonProcess(config);
  await daemon.untilSaid(/listening/);
}

/** Errors with numbers, and statement noise that fills the files. */
async function err(from: number, to: number): Promise<void> {
  const client = await server.connect();
  for (let number = from; number < to; number += 1) {
    await client.query(`SELECT no_such_function_${String(number)}() /* ${'x'.repeat(300)} */`);
    if (number % 3 === 0) await client.query(`SELECT '${'y'.repeat(500)}'`);
  }
  client.close();
}

function numbersIn(index: string): readonly number[] {
  return readIndex(index).events.flatMap((event) => {
    const number = /function no_such_function_(\d+)\(\) does not exist/.exec(event)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
}

async function untilNumbers(count: number): Promise<readonly number[]> {
  let numbers: readonly number[] = [];
  for (let tries = 0; tries < 150 && numbers.length < count; tries += 1) {
    numbers = numbersIn(join(folder, 'whyd.db'));
    await sleep(100);
  }
  return numbers.toSorted((a, b) => a - b);
}

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, number) => number);

describe.skipIf(native === null || !isBuilt)("Postgres' own rotation", () => {
  test.each([
    ['its current_logfiles', 'stderr', 'current_logfiles'],
    ['a glob', 'stderr', 'log/*.log'],
    ['its CSV log', 'stderr,csvlog', 'current_logfiles'],
  ])(
    'by size and by pg_rotate_logfile() under an error load, followed through %s',
    { timeout: 90_000 },
    async (_, destination, path) => {
      await server.start({
        log_destination: destination,
        log_filename: 'postgresql-%Y-%m-%d_%H%M%S.log',
        log_rotation_size: '64kB',
        log_statement: 'all',
        log_line_prefix: '%m [%p] %q%u@%d ',
      });
      await follow(join(server.data, path));
      const total = 900;
      for (let from = 0; from < total; from += 150) {
        await err(from, from + 150);
        const client = await server.connect();
        await client.query('SELECT pg_rotate_logfile()');
        client.close();
        await sleep(600);
      }
      expect(await untilNumbers(total)).toEqual(upTo(total));
      const extension = destination.includes('csvlog') ? '.csv' : '.log';
      const files = readdirSync(server.logFolder).filter((name) => name.endsWith(extension));
      expect(files.length).toBeGreaterThan(4);
      const whole = await readWhole(files.sort().map((name) => join(server.logFolder, name)));
      // Only errors are compared: the server goes on saying things of its own.
      const errors = (events: readonly string[]): readonly string[] =>
        events.filter((event) => event.includes('no_such_function'));
      expect(difference(errors(readIndex(join(folder, 'whyd.db')).events), errors(whole.events))).toEqual(SAME);
    },
  );

  test.skipIf(process.env['WHYD_LONG'] === undefined)(
    'into a file of an earlier round that it opens with "w" (log_truncate_on_rotation)',
    { timeout: 180_000 },
    async () => {
      // Names come round with the minutes here, as they do with the weekdays on a real host.
      await server.start({
        log_filename: 'postgresql-%M.log',
        log_rotation_age: '1min',
        log_rotation_size: '0',
        log_truncate_on_rotation: 'on',
        log_line_prefix: '%m [%p] %q%u@%d ',
      });
      const old = `${new Date(Date.now() - 3_600_000).toISOString().replace('T', ' ').slice(0, 23)} UTC [1] a@b ERROR:  of an earlier round\n`;
      const minutes = [1, 2].map((ahead) => new Date(Date.now() + ahead * 60_000).getMinutes());
      for (const minute of minutes) {
        server.leave(`postgresql-${String(minute).padStart(2, '0')}.log`, old.repeat(20));
      }
      await follow(join(server.data, 'current_logfiles'));
      const before = server.pointer;
      let number = 0;
      for (; server.pointer === before; number += 10) {
        await err(number, number + 10);
        await sleep(500);
      }
      await err(number, number + 10);
      expect(await untilNumbers(number + 10)).toEqual(upTo(number + 10));
    },
  );
});
