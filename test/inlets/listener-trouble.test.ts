import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Spool } from '../../src/tailers/spool.ts';
import { SyslogListener } from '../../src/tailers/syslog-listener.ts';

let folder: string;
let spool: Spool;
let listener: SyslogListener;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'whyd-listener-'));
  spool = new Spool({ path: join(folder, 'spool') });
  spool.open();
  const target = { kind: 'postgres', programs: [], spool } as const;
  listener = new SyslogListener({ kind: 'unix', path: join(folder, 'socket'), mode: 0o600 }, [target], () => 0);
  listener.start();
});

afterEach(async () => {
  await listener.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function sender(): Promise<Socket> {
  const socket = connect(join(folder, 'socket'));
  await once(socket, 'connect');
  return socket;
}

async function untilState(state: string): Promise<void> {
  await vi.waitFor(
    () => {
      expect(listener.status()).toMatchObject([{ state }]);
    },
    { timeout: 10_000, interval: 5 },
  );
}

describe('a mark that cannot be set', () => {
  test('is a trouble for as long as it cannot', async () => {
    const mark = `${spool.path}.receiving`;
    mkdirSync(mark);
    const one = await sender();
    await untilState('failing');
    rmSync(mark, { recursive: true });
    const two = await sender();
    await untilState('following');
    one.destroy();
    two.destroy();
  });
});
