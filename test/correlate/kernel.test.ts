import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { correlate } from '../../src/correlate/correlate.ts';
import { analyze } from '../../src/analyze.ts';
import { eventsOf, windowOf } from './window-of.ts';
import { clientFailure, context, Log, START_US } from './events.ts';

const folder = mkdtempSync(join(tmpdir(), 'whyd-kernel-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const KILLED =
  'Out of memory: Killed process 7261 (postgres) total-vm:4294240kB, anon-rss:3145728kB, file-rss:2048kB, shmem-rss:131072kB, UID:107 pgtables:7168kB oom_score_adj:0';
const OOM_KILL =
  'oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/system.slice,task_memcg=/system.slice/postgresql.service,task=postgres,pid=7261,uid=107';
const OTHER = 'Out of memory: Killed process 7261 (chrome) total-vm:1kB, anon-rss:1kB, file-rss:0kB, shmem-rss:0kB';
const us = START_US + 10_000_000;

/** The kernel's line as each log of the host holds it. */
const FORMS: readonly (readonly [string, (message: string) => string])[] = [
  ['kern.log', (message) => `Nov 23 10:00:10 db1 kernel: [ 4711.081512] ${message}`],
  ['kern.log with ISO times', (message) => `2026-11-23T10:00:10.102030+00:00 db1 kernel: [ 4711.081512] ${message}`],
  ['journalctl -k', (message) => `Nov 23 10:00:10 db1 kernel: ${message}`],
  [
    'journalctl -o json',
    (message) =>
      JSON.stringify({
        __REALTIME_TIMESTAMP: String(us),
        _TRANSPORT: 'kernel',
        SYSLOG_IDENTIFIER: 'kernel',
        MESSAGE: message,
      }),
  ],
];

async function incidentsWith(text: string) {
  const path = join(folder, 'kern.log');
  writeFileSync(path, text);
  const [denokv, postgres] = [new Log('denokv.log', 7), new Log('postgresql.log', 8)];
  const crash = [
    context(postgres, 10, 'server process (PID 7261) was terminated by signal 9: Killed', {
      detail: 'Failed process was running: SELECT 1',
    }),
    context(postgres, 13, 'database system is ready to accept connections'),
    clientFailure(denokv, 11, 'connection closed'),
  ];
  return correlate(windowOf([...(await eventsOf([path])), ...crash]));
}

describe("the kernel's word on a crash by signal 9", () => {
  it.each(FORMS)('is read from %s', async (_, wrap) => {
    const lines = ['postgres invoked oom-killer: gfp_mask=0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP), order=0', KILLED];
    const { incidents, verdicts } = await incidentsWith(`${lines.map(wrap).join('\n')}\n`);
    const kill = incidents[0]?.evidence[0];
    expect(kill).toMatchObject({ rule: 'kernel_oom' });
    expect(kill?.says).toContain('Killed process 7261 (postgres)');
    expect(kill?.says).toContain('kern.log:2');
    expect(incidents[0]?.summary).toContain('memory ran out');
    expect(verdicts[0]?.evidence.map(({ rule }) => rule)).toContain('kernel_oom');
  });

  it('is read from the summary line of newer kernels too', async () => {
    const { incidents } = await incidentsWith(`Nov 23 10:00:10 db1 kernel: [ 4711.081512] ${OOM_KILL}\n`);
    expect(incidents[0]?.evidence[0]?.rule).toBe('kernel_oom');
  });

  it.each([
    ['another program', OTHER],
    ['another process', KILLED.replace('7261', '7262')],
  ])('is not taken from a kill of %s: only the suspicion stands', async (_, message) => {
    const { incidents } = await incidentsWith(`Nov 23 10:00:10 db1 kernel: [ 4711.081512] ${message}\n`);
    const rules = incidents[0]?.evidence.map(({ rule }) => rule);
    expect(rules).toContain('signal_9');
    expect(rules).not.toContain('kernel_oom');
  });

  it("does not make the kernel's log a Postgres log: what was not read is still said to be absent", async () => {
    const [kernel, denokv] = [join(folder, 'kern.log'), join(folder, 'denokv.log')];
    writeFileSync(kernel, `Nov 23 10:00:10 db1 kernel: [ 4711.081512] ${KILLED}\n`);
    writeFileSync(denokv, '[2026-11-23T10:00:11Z ERROR denokv] Database error: Database error: connection closed\n');
    const { verdicts } = await analyze([kernel, denokv], {
      timezone: null,
      linePrefix: null,
      sinceUs: null,
      untilUs: null,
    });
    expect(verdicts.map(({ coverage }) => coverage.postgres)).toEqual(['absent']);
  });
});
