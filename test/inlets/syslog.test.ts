import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { parseLogs } from '../../src/parse.ts';
import { isBuilt } from '../chaos/daemon-process.ts';
import { FedDaemon, freePort, sender } from './fed-daemon.ts';

const RSYSLOG = ['/usr/sbin/rsyslogd', '/usr/bin/rsyslogd'].find((path) => existsSync(path)) ?? null;
if (RSYSLOG === null) console.warn('skipped: no rsyslogd on this host (Debian package rsyslog)');

/** As Postgres 15 with log_destination = syslog hands it to a local socket: recorded, the second entry cut into three parts. */
const RECORDED = `<134>Nov 23 03:55:37 postgres[24344]: [1-1] 2026-11-23 03:55:37.659 UTC [24344] LOG:  parameter "log_destination" changed to "stderr,syslog"
<132>Nov 23 03:55:38 postgres[24976]: [2-1] 2026-11-23 03:55:38.086 UTC [24976] postgres@postgres ERROR:  division by zero
<132>Nov 23 03:55:38 postgres[24976]: [2-2] 2026-11-23 03:55:38.086 UTC [24976] postgres@postgres STATEMENT:  SELECT 1/0
<132>Nov 23 03:55:38 postgres[24976]: [2-3] \t ,\t'tab'
<132>Nov 23 03:55:38 postgres[24976]: [2-4] \t FROM t
<132>Nov 23 03:55:39 postgres[25019]: [2-1] 2026-11-23 03:55:39.200 UTC [25019] postgres@postgres ERROR:  relation "t" does not exist at character 15
`;

let daemon: FedDaemon;

beforeEach(() => {
  daemon = new FedDaemon();
});

afterEach(async () => {
  await daemon.close();
});

const error = (number: number, pid = 7): string =>
  `2026-11-23 10:00:${String(10 + (number % 50))}.000 UTC [${String(pid)}] denokv@kv ERROR:  number ${String(number)}`;
const classic = (number: number, pid = 7): string =>
  `<132>Nov 23 10:00:${String(10 + (number % 50))} db postgres[${String(pid)}]: [${String(number)}-1] ${error(number, pid)}`;
const modern = (number: number): string =>
  `<132>1 2026-11-23T10:00:${String(10 + (number % 50))}.000Z db.example postgres 7 - [x@1 a="b\\]c"] [${String(number)}-1] ${error(number)}`;
const counted = (text: string): string => `${String(Buffer.byteLength(text))} ${text}`;

describe.skipIf(!isBuilt)('a syslog source', { timeout: 120_000 }, () => {
  test('over TCP: both forms, both framings, only its own programs; every event cites its place in the spool', async () => {
    const port = await freePort();
    await daemon.start([
      `{ kind: postgres, syslog: { listen: "127.0.0.1:${String(port)}" } }`,
      `{ kind: denokv, syslog: { listen: "127.0.0.1:${String(port)}" } }`,
    ]);
    const [one, two] = [await sender(port), await sender(port)];
    one.write(`${classic(1)}\n${counted(modern(2))}<13>Nov 23 10:00:00 db sshd[9]: Accepted\n`);
    two.write(
      counted(`<131>1 2026-11-23T10:00:10Z kv denokv 5 - - [2026-11-23T10:00:10Z ERROR denokv] Database error: none`),
    );
    await daemon.untilMessages(['number 1', 'number 2']);
    // A message in pieces, while the other connection sends whole ones.
    const text = counted(modern(3));
    one.write(text.slice(0, 100));
    two.write(`${classic(4, 8)}\n`);
    await daemon.untilMessages(['number 1', 'number 2', 'number 4']);
    one.end(text.slice(100));
    await daemon.untilMessages(['number 1', 'number 2', 'number 4', 'number 3']);
    for (const event of daemon.events()) {
      const { file, byteStart, byteEnd, line } = event.citation;
      const spool = readFileSync(join(daemon.folder, 'spool', file));
      const cited = spool.subarray(byteStart, byteEnd).toString();
      expect(cited).toContain('message' in event ? event.message : 'Database error');
      expect(spool.toString().split('\n')[line - 1]).toContain(cited.split('\n')[0]);
    }
    const rows = (await daemon.sources()).filter(({ path }) => path === `syslog:127.0.0.1:${String(port)}`);
    expect(rows.map(({ kind, reason }) => [kind, reason])).toEqual([
      ['postgres', '1 connected; 4 messages taken, 1 of other programs passed over (last: sshd)'],
      ['denokv', '1 connected; 1 messages taken, 1 of other programs passed over (last: sshd)'],
    ]);
    two.destroy();
  });

  test("over a unix socket: Postgres' own messages, ended by NUL as libc ends them, equal to the recorded file", async () => {
    const path = join(daemon.folder, 'log.sock');
    const recorded = join(daemon.folder, 'recorded.txt');
    writeFileSync(recorded, RECORDED);
    const whole: unknown[] = [];
    const strip = ({ citation, ...rest }: { citation: { byteStart: number; byteEnd: number } }): unknown => [
      citation.byteStart,
      citation.byteEnd,
      rest,
    ];
    await parseLogs([recorded], {
      timezone: null,
      linePrefix: null,
      keepStatements: false,
      onEvents: (events) => whole.push(...events.map(strip)),
    });
    expect(whole.length).toBeGreaterThan(1);
    await daemon.start([`{ kind: postgres, syslog: { listen: "unix:${path}", mode: 0666 } }`]);
    const socket = await sender(path);
    expect(statSync(path).mode & 0o777).toBe(0o666);
    socket.end(RECORDED.replaceAll('\n', '\0'));
    await vi.waitFor(
      () => {
        expect(daemon.events().map(strip)).toEqual(whole);
      },
      { timeout: 20_000, interval: 100 },
    );
  });

  test('lines without a header go on with the message of their connection (syslog_split_messages = off)', async () => {
    const port = await freePort();
    await daemon.start([`{ kind: postgres, syslog: { listen: "127.0.0.1:${String(port)}" } }`]);
    const socket = await sender(port);
    const header = '<132>Nov 23 10:00:10 db postgres[7]: [1] ';
    socket.write(`${header}${error(1)}\n${error(1).replace('ERROR:  number 1', 'STATEMENT:  SELECT 1,')}\n\t2\n`);
    socket.end(
      counted(
        `${header.replace('[1]', '[2]')}${error(2)}\n${error(2).replace('ERROR:  number 2', 'STATEMENT:  SELECT 3,')}\n\t4`,
      ),
    );
    await daemon.untilMessages(['number 1', 'number 2']);
    const statements = daemon.events().map((event) => (event.kind === 'postgres_error' ? event.statement : null));
    expect(statements).toEqual(['SELECT 1,\n2', 'SELECT 3,\n4']);
  });

  test('killed while a sender is connected: a gap that says so, no message twice, and the socket that was left behind is taken over', async () => {
    const path = join(daemon.folder, 'log.sock');
    const source = [`{ kind: postgres, syslog: { listen: "unix:${path}" } }`];
    await daemon.start(source);
    (await sender(path)).write(`${classic(1)}\n${classic(2)}\n`);
    await daemon.untilMessages(['number 1', 'number 2']);
    await daemon.kill('SIGKILL');
    expect(existsSync(path)).toBe(true);
    await daemon.start(source);
    (await sender(path)).end(`${classic(3)}\n`);
    await daemon.untilMessages(['number 1', 'number 2', 'gap: killed_while_receiving', 'number 3']);
    await daemon.kill('SIGTERM');
    expect(existsSync(path)).toBe(false);
    await daemon.start(source);
    (await sender(path)).end(`${classic(4)}\n`);
    await daemon.untilMessages(['number 1', 'number 2', 'gap: killed_while_receiving', 'number 3', 'number 4']);
  });

  test('a port that is taken is told with its remedy, and taken over once it is free', async () => {
    const port = await freePort();
    const other = new FedDaemon();
    const source = [`{ kind: postgres, syslog: { listen: "127.0.0.1:${String(port)}" } }`];
    try {
      await other.start(source);
      (await sender(port)).destroy();
      await daemon.start(source);
      await vi.waitFor(
        async () => {
          expect((await daemon.sources()).find(({ path }) => path.startsWith('syslog:'))).toMatchObject({
            state: 'failing',
            reason: 'another program listens there',
            hint: expect.stringContaining('another address') as string,
          });
        },
        { timeout: 40_000 },
      );
    } finally {
      await other.close();
    }
    (await sender(port)).end(`${classic(1)}\n`);
    await daemon.untilMessages(['number 1']);
  });
});

describe.skipIf(!isBuilt || RSYSLOG === null)('a real rsyslogd that forwards', () => {
  let relay: ChildProcess | null = null;

  afterEach(async () => {
    if (relay === null) return;
    const ended = once(relay, 'exit');
    relay.kill('SIGKILL');
    await ended;
    relay = null;
  });

  /** It takes lines over TCP and hands them on: what a log host does. */
  async function forward(from: number, to: number, options: string): Promise<void> {
    const config = join(daemon.folder, 'rsyslog.conf');
    writeFileSync(
      config,
      `global(workDirectory="${daemon.folder}")
module(load="imptcp")
input(type="imptcp" port="${String(from)}" address="127.0.0.1")
action(type="omfwd" target="127.0.0.1" port="${String(to)}" protocol="tcp" ${options}
  queue.type="LinkedList" action.resumeRetryCount="-1" action.resumeInterval="1")
`,
    );
    relay = spawn(RSYSLOG ?? '', ['-n', '-f', config, '-i', join(daemon.folder, 'rsyslog.pid')], { stdio: 'ignore' });
    (await sender(from)).destroy();
  }

  test.each([
    ['RFC 5424, octets counted', 'template="RSYSLOG_SyslogProtocol23Format" TCP_Framing="octet-counted"'],
    ['RFC 5424, a line each', 'template="RSYSLOG_SyslogProtocol23Format" TCP_Framing="traditional"'],
    ['RFC 3164, a line each', 'template="RSYSLOG_TraditionalForwardFormat"'],
    ['RFC 3164 with its own times, octets counted', 'template="RSYSLOG_ForwardFormat" TCP_Framing="octet-counted"'],
  ])('in %s', { timeout: 120_000 }, async (_, options) => {
    expect(spawnSync(RSYSLOG ?? '', ['-v']).status).toBe(0);
    const [from, to] = [await freePort(), await freePort()];
    await daemon.start([`{ kind: postgres, syslog: { listen: "127.0.0.1:${String(to)}" } }`]);
    await forward(from, to, options);
    const socket = await sender(from);
    const numbers = Array.from({ length: 200 }, (_, number) => number);
    socket.end(numbers.map((number) => `${classic(number)}\n`).join(''));
    await daemon.untilMessages(numbers.map((number) => `number ${String(number)}`));
  });
});
