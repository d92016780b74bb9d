import { appendFileSync, chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Ingest } from '../../src/live/ingest.ts';
import { openIndex } from '../../src/store/open-index.ts';
import type { WhydIndex } from '../../src/store/whyd-index.ts';
import { JournalFollower } from '../../src/tailers/journal-follower.ts';

const STAND_IN = fileURLToPath(new URL('./journalctl.mjs', import.meta.url));
const UNIT = 'denokv.service';
const NOON_US = Date.UTC(2026, 10, 23, 10) * 1000;

let folder: string;
let journal: string;
let index: WhydIndex;
let ingest: Ingest;
let follower: JournalFollower;
let entries: number;
let sinceMs: number | null;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'whyd-journal-'));
  journal = join(folder, 'journal');
  entries = 0;
  sinceMs = null;
  writeFileSync(journal, '');
  copyFileSync(STAND_IN, join(folder, 'journalctl'));
  chmodSync(join(folder, 'journalctl'), 0o755);
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env['PATH'] ?? ''}`);
  vi.stubEnv('WHYD_TEST_JOURNAL', journal);
  index = openIndex(join(folder, 'whyd.db'));
});

afterEach(() => {
  follower.stop();
  index.close();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

function log(message: string, fields: Readonly<Record<string, string>> = {}): void {
  entries += 1;
  const us = NOON_US + entries * 1_000_000;
  const cursor = `s=1;i=${entries.toString(16)};b=2;m=3;t=${us.toString(16)};x=4`;
  const entry = {
    __CURSOR: cursor,
    __REALTIME_TIMESTAMP: String(us),
    _PID: '77',
    _SYSTEMD_UNIT: UNIT,
    MESSAGE: message,
    ...fields,
  };
  appendFileSync(journal, `${JSON.stringify(entry)}\n`);
}

function fail(number: number): void {
  log(
    `[${new Date((NOON_US + entries * 1_000_000) / 1000).toISOString().slice(0, 19)}Z ERROR denokv] Database error: the ${String(number)}th`,
  );
}

async function start(): Promise<void> {
  const followed: JournalFollower[] = [];
  const source = { kind: 'denokv', paths: [], journalUnit: UNIT, linePrefix: null, timezone: null } as const;
  ingest = new Ingest({
    index,
    sources: [source],
    files: {
      checkpoint: (fileId, safeOffset) => followed[0]?.checkpoint(fileId, safeOffset) ?? null,
      countLines: (fileId, from, to) => followed[0]?.countLines(fileId, from, to) ?? null,
    },
    sinceUs: null,
    startedMs: 0,
    onEvents: () => undefined,
    nowMs: Date.now,
  });
  follower = new JournalFollower({
    source,
    unit: 'denokv',
    handler: ingest,
    checkpoints: { generations: (identity) => index.generations(identity) },
    sinceMs,
    restartDelayMs: 20,
  });
  followed.push(follower);
  await follower.start();
}

function stored(): readonly (readonly [text: string, line: number])[] {
  return index.eventsAfter(0).flatMap(({ event }) => {
    if (event.kind === 'gap') return [[`gap: ${event.reason}`, 0] as const];
    return event.kind === 'denokv_error' ? [[event.text, event.citation.line] as const] : [];
  });
}

async function storedAre(...expected: readonly (readonly [string, number])[]): Promise<void> {
  await vi.waitFor(
    () => {
      ingest.flushIdle();
      expect(stored()).toEqual(expected);
    },
    { timeout: 10_000, interval: 20 },
  );
}

describe('a journal', () => {
  test('is read from its beginning, followed, and taken up after a restart at the same places', async () => {
    fail(1);
    await start();
    fail(2);
    await storedAre(['the 1th', 1], ['the 2th', 2]);
    for (let round = 3; round < 7; round += 1) {
      follower.stop();
      fail(round);
      await start();
      fail(round * 10);
      await storedAre(...stored(), [`the ${String(round)}th`, entries - 1], [`the ${String(round * 10)}th`, entries]);
    }
    const places = index.eventsAfter(0).map(({ event }) => event.citation.byteStart);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    const bytes = readFileSync(journal);
    for (const place of places) expect(bytes.subarray(place, place + 12).toString()).toBe('{"__CURSOR":');
  });

  test('what systemd says of the unit is passed over', async () => {
    fail(1);
    log('Started denokv.', { _PID: '1', _SYSTEMD_UNIT: 'init.scope', UNIT });
    fail(2);
    await start();
    await storedAre(['the 1th', 1], ['the 2th', 2]);
  });

  test("journald's rate limit is a gap", async () => {
    fail(1);
    log('Suppressed 4711 messages from denokv.service', {
      _PID: '300',
      _SYSTEMD_UNIT: 'systemd-journald.service',
      SYSLOG_IDENTIFIER: 'systemd-journald',
      OBJECT_SYSTEMD_UNIT: UNIT,
      N_DROPPED: '4711',
    });
    fail(2);
    await start();
    await storedAre(['the 1th', 1], ['gap: suppressed', 0], ['the 2th', 1]);
    follower.stop();
    await start();
    fail(3);
    await storedAre(['the 1th', 1], ['gap: suppressed', 0], ['the 2th', 1], ['the 3th', 2]);
    expect(follower.status().gaps).toBe(0);
  });

  test('fault 36: a cursor that was vacuumed is a gap, and what is left is read', async () => {
    fail(1);
    await start();
    await storedAre(['the 1th', 1]);
    follower.stop();
    fail(2);
    fail(3);
    const lines = readFileSync(journal, 'utf8').split('\n');
    writeFileSync(journal, lines.slice(2).join('\n'));
    await start();
    await storedAre(['the 1th', 1], ['gap: vacuumed', 0], ['the 3th', 1]);
    expect(follower.status()).toMatchObject({ path: 'journald:denokv.service', gaps: 1 });
  });

  /** Generous: a process has to start and end first, on whatever machine this is. */
  async function untilFailing(reason: string): Promise<void> {
    await vi.waitFor(
      () => {
        expect(follower.status()).toMatchObject({ state: 'failing', reason });
      },
      { timeout: 10_000, interval: 20 },
    );
  }

  test('a journalctl that ends is started again where it was, and says why meanwhile', async () => {
    fail(1);
    vi.stubEnv('WHYD_TEST_JOURNAL_END', '1');
    await start();
    await untilFailing('journalctl ended with 3');
    vi.stubEnv('WHYD_TEST_JOURNAL_END', '0');
    fail(2);
    await storedAre(['the 1th', 1], ['the 2th', 2]);
  });

  test('a journalctl that was started again is well though nothing is logged', async () => {
    fail(1);
    vi.stubEnv('WHYD_TEST_JOURNAL_END', '1');
    await start();
    await storedAre(['the 1th', 1]);
    await untilFailing('journalctl ended with 3');
    vi.stubEnv('WHYD_TEST_JOURNAL_END', '0');
    await vi.waitFor(
      () => {
        expect(follower.status()).toMatchObject({ state: 'following', reason: null, atEnd: true });
      },
      { timeout: 10_000, interval: 20 },
    );
  });

  test('a host without journalctl says so', async () => {
    vi.stubEnv('PATH', folder);
    rmSync(join(folder, 'journalctl'));
    await start();
    await untilFailing('there is no journalctl on this host');
  });

  test('an index that is full holds the journal back and loses nothing', async () => {
    await start();
    const commit = vi.spyOn(index, 'commit').mockImplementation(() => {
      throw new Error('database or disk is full');
    });
    fail(1);
    await vi.waitFor(
      () => {
        expect(follower.status()).toMatchObject({ state: 'failing', reason: 'database or disk is full' });
      },
      { timeout: 5000 },
    );
    fail(2);
    commit.mockRestore();
    await storedAre(['the 1th', 1], ['the 2th', 2]);
  });

  test('the first start goes no further back than it is told', async () => {
    fail(1);
    fail(2);
    sinceMs = NOON_US / 1000 + 2000;
    await start();
    await storedAre(['the 2th', 1]);
  });
});
