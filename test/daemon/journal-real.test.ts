import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, test, expect, vi } from 'vitest';
import { isBuilt } from '../chaos/daemon-process.ts';
import { FedDaemon } from '../inlets/fed-daemon.ts';

const REMOTE = ['/lib/systemd/systemd-journal-remote', '/usr/lib/systemd/systemd-journal-remote'].find(existsSync);
const JOURNALCTL = ['/usr/bin/journalctl', '/bin/journalctl'].find(existsSync);
const isHere = REMOTE !== undefined && JOURNALCTL !== undefined;
if (!isHere)
  console.warn(
    'skipped: no journalctl with systemd-journal-remote on this host (Debian packages systemd, systemd-journal-remote)',
  );

const SOURCES = ['{ kind: denokv, journald: { unit: denokv.service } }'];

let daemon: FedDaemon;
let journal: string;

beforeEach(() => {
  daemon = new FedDaemon();
  journal = join(daemon.folder, 'journal', 'system.journal');
  const bin = join(daemon.folder, 'bin');
  for (const folder of [bin, join(daemon.folder, 'journal')]) mkdirSync(folder);
  // The real program, on a journal that is not this host's.
  writeFileSync(
    join(bin, 'journalctl'),
    `#!/bin/sh\nexec ${JOURNALCTL ?? ''} --directory='${join(daemon.folder, 'journal')}' "$@"\n`,
  );
  chmodSync(join(bin, 'journalctl'), 0o755);
  vi.stubEnv('PATH', `${bin}${delimiter}${process.env['PATH'] ?? ''}`);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await daemon.close();
});

type Fields = Readonly<Record<string, string>>;

/** Adds entries, one a second, to a real journal; what they say is theirs, whose they are the unit's unless told otherwise. */
function write(from: number, entries: readonly Fields[]): void {
  const text = entries.map((fields, at) => {
    const us = (Date.UTC(2026, 10, 23, 10) + (from + at) * 1000) * 1000;
    const entry: Fields = {
      __REALTIME_TIMESTAMP: String(us),
      __MONOTONIC_TIMESTAMP: String(1000 + from + at),
      _BOOT_ID: '0123456789abcdef0123456789abcdef',
      _PID: '77',
      _SYSTEMD_UNIT: 'denokv.service',
      ...fields,
    };
    const lines = Object.entries(entry).map(([name, value]) => `${name}=${value}\n`);
    return `${lines.join('')}\n`;
  });
  const written = spawnSync(REMOTE ?? '', ['-o', journal, '-'], { input: text.join('') });
  expect(written.status, written.stderr.toString()).toBe(0);
}

function log(from: number, to: number): void {
  write(
    from,
    Array.from({ length: to - from }, (_, at) => {
      const stamp = new Date(Date.UTC(2026, 10, 23, 10) + (from + at) * 1000).toISOString().slice(0, 19);
      return { MESSAGE: `[${stamp}Z ERROR denokv] Database error: number ${String(from + at)}` };
    }),
  );
}

function numbers(from: number, to: number): readonly string[] {
  return Array.from({ length: to - from }, (_, at) => `number ${String(from + at)}`);
}

/** What is stored, in the order in which it came. */
async function until(expected: readonly string[]): Promise<void> {
  await vi.waitFor(
    () => {
      const said = daemon.events().flatMap((event) => {
        if (event.kind === 'gap') return [`gap: ${event.reason}`];
        return event.kind === 'denokv_error' ? [event.text] : [];
      });
      expect(said).toEqual(expected);
    },
    { timeout: 60_000, interval: 100 },
  );
}

describe.skipIf(!isHere || !isBuilt)('a real journal, read by the real journalctl', { timeout: 180_000 }, () => {
  test('is read, followed through its rotation, and taken up at its cursor after a kill', async () => {
    log(0, 20);
    await daemon.start(SOURCES);
    await until(numbers(0, 20));
    log(20, 30);
    await until(numbers(0, 30));
    // As journald does: the full file gets another name, and an empty one takes its place.
    renameSync(journal, journal.replace('.journal', '@0123456789abcdef0123456789abcdef-1-1.journal'));
    log(30, 40);
    await until(numbers(0, 40));
    await daemon.kill('SIGKILL');
    log(40, 50);
    await daemon.start(SOURCES);
    await until(numbers(0, 50));
    await daemon.kill('SIGTERM');
    await daemon.start(SOURCES);
    log(50, 60);
    await until(numbers(0, 60));
  });

  test('says where entries were vacuumed away or suppressed, and goes on', async () => {
    log(0, 5);
    await daemon.start(SOURCES);
    await until(numbers(0, 5));
    write(5, [
      { MESSAGE: 'Started denokv.', _PID: '1', _SYSTEMD_UNIT: 'init.scope', UNIT: 'denokv.service' },
      {
        MESSAGE: 'Suppressed 4711 messages from denokv.service',
        MESSAGE_ID: 'a596d6fe7bfa4994828e72309e95d61e',
        N_DROPPED: '4711',
        _PID: '300',
        _SYSTEMD_UNIT: 'systemd-journald.service',
        OBJECT_SYSTEMD_UNIT: 'denokv.service',
        _UID: '0',
        SYSLOG_IDENTIFIER: 'systemd-journald',
      },
    ]);
    log(7, 10);
    const suppressed = [...numbers(0, 5), 'gap: suppressed', ...numbers(7, 10)];
    await until(suppressed);
    await daemon.kill('SIGKILL');
    rmSync(journal);
    log(20, 25);
    await daemon.start(SOURCES);
    await until([...suppressed, 'gap: vacuumed', ...numbers(20, 25)]);
  });
});
