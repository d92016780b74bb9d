import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectedOf, foundOf, type Expected } from './expected.ts';
import { parsePostgres, parseText } from './parse-text.ts';
import { renderStderr, type Entry } from './render.ts';
import { HARD_NAMES, logOf, PLAIN_NAMES, type SessionOptions } from './sessions.ts';

const PREFIXES: readonly string[] = [
  '%m [%p] ',
  '%m [%p] %q%u@%d ',
  '%t [%p] %u@%d ',
  '< %m >',
  '%t:%r:%u@%d:[%p]:',
  '%m|%u|%d|%p|%c|%e|',
  '[%t] [%p] [%c] [%l] [%x] %q%u|%d|%h ',
  'user=%u,db=%d,app=%a,client=%h %p ',
  '%n %p ',
  '%-10u %8p %m ',
  '%m [%p] %l %e %x %q%u@%d ',
  '%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ',
  '%m [%p]: [%l-1] db=%d,user=%u,host=%r ',
  '%t-%c-',
  '%t\t%p\t%u\t%d\t%r\t',
  '%m;%p;%u;%d;%h;%e;',
  '{"ts":"%m","pid":%p,"user":"%u","db":"%d","state":"%e"} ',
  '%m [%p] [%b] [%v] [%x] %q[user=%u,db=%d,app=%a] ',
  '%% %m %p %% ',
  '%h %m [%p] %q%u@%d ',
  '%u|%d|%r|%m [%p] ',
  '%m [%p] %q[%u/%d/%a] ',
  '%m %u@%d/%a [%p] ',
  'pid=%p user=%u db=%d ts=%t ',
  '%c %l %m ',
  '[%p-%l] %q[%u] ',
  'time = "%m" pid = "%p" user = "%u" application_name = "%a" ',
  '%m [%p] app=%a ',
  '%i %m [%p] %e %Q ',
  '%m [%p] (%s) <%u> ',
  '%t ',
  '%p ',
  '',
  '%t',
  '[%-12u] [%8p] %m',
  '%m|%p|%u|%d|%a|%h|%r: ',
  'postgres[%p]: [%l-1] %t %u@%d ',
  '%s %t %p %c %u/%d ',
  '%m %p %l %u@%d %e: ',
  '%m:%r:%u@%d:[%p]:%l:%e:%s:%v:%x:%c:%q%a:',
  '%m pid=%p,user=%u,db=%d,client=%h,app=%a,sqlstate=%e: ',
  "%t [%p]: [%l-1] user='%u',db='%d',app='%a',client='%h' ",
  'user:%u db:%d pid:%p time:%m ',
];

/** One setting, lines in it, and what they say of the session. */
const NAMED: readonly (readonly [linePrefix: string, lines: readonly string[], names: object])[] = [
  [
    '-%u@%d-%h-',
    ['-app@kv-10.0.0.7-ERROR:  a', '-app@kv-10.0.0.9-ERROR:  b'],
    { user: 'app', database: 'kv', client: '10.0.0.7' },
  ],
  [
    '%m-%p-%u-%d-%e-',
    [
      '2026-11-23 05:36:07.866 CET-4711-app-kv-42P01-ERROR:  a',
      '2026-11-23 05:36:08.866 CET-4712-app-kv-42P01-ERROR:  b',
    ],
    { pid: 4711, user: 'app', database: 'kv', sqlstate: '42P01' },
  ],
  [
    '%n [%p] %i %h ',
    ['1795573811.624 [4711] RESET [local] ERROR:  parameter "a" cannot be changed now'],
    { pid: 4711, user: null, sqlstate: null, client: '[local]' },
  ],
  [
    '%n [%p] %i %h ',
    ['1795573811.624 [4711] EXECUTE 10.0.0.7 ERROR:  division by zero'],
    { pid: 4711, user: null, client: '10.0.0.7' },
  ],
  [
    '%m #%p %u->%d ',
    ['2026-11-23 05:36:07.866 CET #4711 app->kv ERROR:  a', '2026-11-23 05:36:07.866 CET #4712 app->kv ERROR:  b'],
    { pid: 4711, user: 'app', database: 'kv' },
  ],
  [
    '(%p) (%u) (%d) (%t) ',
    ['(4711) (rails_prod) (metrics) (2026-11-23 05:36:07 PST) ERROR:  a'],
    { pid: 4711, user: 'rails_prod', database: 'metrics' },
  ],
  [
    '%t %u %d %p ',
    [
      '2026-11-23 05:36:07 PST jane.doe postgres 4711 ERROR:  a',
      '2026-11-23 05:36:07 PST jane.doe postgres 4712 ERROR:  a',
    ],
    { pid: 4711, user: 'jane.doe', database: 'postgres', client: null },
  ],
  [
    '%m %p %u@%d %h %a ',
    [
      '2026-11-23 05:36:07.866 CET 4711 app@kv 10.0.0.7 worker 3 of [10] ERROR:  a',
      '2026-11-23 05:36:08.866 CET 4712 app@kv 10.0.0.7 psql ERROR:  a',
    ],
    { pid: 4711, user: 'app', database: 'kv', client: '10.0.0.7', application: 'worker 3 of [10]' },
  ],
  [
    '%m [%p] %u@%d %a ',
    ['2026-11-23 05:36:07.866 CET [4711] app@kv bin/rails ERROR:  a'],
    { user: 'app', database: 'kv', application: 'bin/rails', client: null },
  ],
  [
    '%m %p;%l;',
    [4870, 4871, 4872, 4876].map(
      (pid) => `2026-11-23 05:36:07.866 CET ${String(pid)};1;FATAL:  sorry, too many clients already`,
    ),
    { pid: 4870 },
  ],
  [
    '%m:%r:',
    ['2026-11-23 05:36:07.866 -05:127.0.0.1(5433):ERROR:  a', '2026-11-23 05:36:07.866 -05:[local]:ERROR:  b'],
    { client: '127.0.0.1' },
  ],
];

function check(
  linePrefix: string,
  names: SessionOptions,
  runs: number,
  sizes?: { minEntries: number; maxEntries: number },
): void {
  fc.assert(
    fc.property(logOf(names, sizes), (entries) => {
      const found = parsePostgres(renderStderr(entries, { linePrefix }).join('')).map(foundOf);
      expect(found).toEqual(entries.map((entry) => expectedOf(entry, linePrefix)));
    }),
    { numRuns: runs, seed: 4 },
  );
}

const FIELDS = ['m', 't', 'n', 'p', 'c', 'e', 'l', 'x', 'r', 'h', 'b', 'v'] as const;
const SEPARATORS = [' ', ' | ', ';', '] [', '\t', ' - '] as const;

/** Fields that show what they are in any order, names by their keys, `%q` anywhere before the names. */
const anyPrefix = fc
  .record({
    fields: fc.shuffledSubarray([...FIELDS], { minLength: 1, maxLength: 6 }),
    names: fc.shuffledSubarray(['user=%u', 'db=%d', 'app=%a'], { minLength: 0, maxLength: 3 }),
    separator: fc.constantFrom(...SEPARATORS),
    quits: fc.boolean(),
    namesFirst: fc.boolean(),
  })
  .map(({ fields, names, separator, quits, namesFirst }) => {
    const one = fields.filter(
      (field) => !(field === 'h' && fields.includes('r')) && !(field === 't' && fields.includes('m')),
    );
    // A number alone may be anything: which one is the pid shows beside another, or in a session's id.
    const tells = one.includes('c') ? one : ['m', 'p', ...one.filter((field) => !'tmp'.includes(field))];
    const session = names.join(',');
    const main = tells.map((field) => `%${field}`).join(separator);
    if (session === '') return `[${main}] `;
    return namesFirst ? `${session} [${main}] ` : `[${main}] ${quits ? '%q' : ''}${session} `;
  });

describe('a log_line_prefix that nobody told', () => {
  it.each(PREFIXES)('is found in plain sessions: %j', (linePrefix) => {
    check(linePrefix, PLAIN_NAMES, 8);
  });

  it.each(PREFIXES)('is found in sessions with hard names: %j', (linePrefix) => {
    check(linePrefix, HARD_NAMES, 8);
  });

  it.each(PREFIXES)('is found in three entries: %j', (linePrefix) => {
    check(linePrefix, PLAIN_NAMES, 8, { minEntries: 3, maxEntries: 3 });
  });

  it.each(NAMED)('tells who spoke in few lines: %s', (_, lines, names) => {
    expect(parsePostgres(`${lines.join('\n')}\n`)[0]).toMatchObject(names);
  });

  it('is found whatever its fields and their order', () => {
    fc.assert(
      fc.property(anyPrefix, logOf(PLAIN_NAMES, { minEntries: 20, maxEntries: 60 }), (linePrefix, entries) => {
        const found = parsePostgres(renderStderr(entries, { linePrefix }).join('')).map(foundOf);
        expect(found).toEqual(entries.map((entry) => expectedOf(entry, linePrefix)));
      }),
      { numRuns: 150, seed: 11 },
    );
  });

  it('tells names apart by what the messages say of them', () => {
    const at = (second: number): string => `2026-11-23 05:00:${String(second).padStart(2, '0')}.000 UTC`;
    const log = [
      `${at(1)} [7] - kv - denokv - LOG:  connection authorized: user=denokv database=kv application_name=billing`,
      `${at(2)} [7] - kv - denokv - ERROR:  division by zero`,
      `${at(3)} [8] - shop - web - ERROR:  division by zero`,
    ];
    const events = parsePostgres(log.join('\n'));
    expect(events.map(({ user, database }) => [user, database])).toEqual([
      ['denokv', 'kv'],
      ['denokv', 'kv'],
      ['web', 'shop'],
    ]);
  });

  it('knows the application of a bare row of names', () => {
    const entry = (pid: number, names: string): string =>
      `[2026-11-23 05:00:00 UTC] [${String(pid)}] ${names} ERROR:  division by zero\n`;
    const log =
      entry(7, 'psql alice kv [local]') + entry(8, 'pg_dump denokv shop 10.0.0.7') + entry(9, 'psql alice kv [local]');
    expect(parseText(log).linePrefix).toBe('[%t] [%p] %a %u %d %h ');
  });

  it('takes a blank between two of the same separator for a part of a name', () => {
    const line = (user: string, pid: string, rest: string): string =>
      `<2026-11-23 05:00:00.123 UTC|${user}|10.0.0.1(4444)|${pid}|6a650000.${Number(pid).toString(16)}> ${rest}\n`;
    const log =
      line('my app|kv', '1234', 'ERROR:  division by zero') +
      line('job runner|kv db', '1235', 'ERROR:  division by zero') +
      line('|', '1236', 'LOG:  checkpoint starting: time').replace('10.0.0.1(4444)', '');
    const { linePrefix, events } = parseText(log);
    expect(linePrefix).toBe('<%m|%u|%d|%r|%p|%c> ');
    expect(events).toMatchObject([
      { user: 'my app', database: 'kv', pid: 1234 },
      { user: 'job runner', database: 'kv db', pid: 1235 },
      { user: null, database: null, pid: 1236 },
    ]);
  });

  it('is said with the doubt that a small sample leaves', () => {
    const line = '2026-11-23 05:00:00.000 UTC [7] LOG:  checkpoint starting: time\n';
    const [one, many] = [1, 200].map((count) => parseText(line.repeat(count)).confidence);
    expect(one).toBeLessThan(0.8);
    expect(many).toBeGreaterThan(0.98);
  });
});

describe('a log_line_prefix that changes', () => {
  const entries = fc.sample(logOf(PLAIN_NAMES, { minEntries: 40, maxEntries: 40 }), { numRuns: 2, seed: 5 });
  const before = entries[0] ?? [];
  const after = entries[1] ?? [];
  const expected = (linePrefix: string, of: readonly Entry[]): Expected[] =>
    of.map((entry) => expectedOf(entry, linePrefix));

  it.each([
    ['%m [%p] ', '%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h '],
    ['%m [%p] ', '%m [%p] %q%u@%d '],
    ['< %m >', '%t:%r:%u@%d:[%p]:'],
    ['%m|%u|%d|%p|', '%m [%p] '],
  ])('in the middle of a file is learnt anew: %j to %j', (first, second) => {
    const log =
      renderStderr(before, { linePrefix: first }).join('') + renderStderr(after, { linePrefix: second }).join('');
    expect(parsePostgres(log).map(foundOf)).toEqual([...expected(first, before), ...expected(second, after)]);
  });

  it('is believed when a reload names it, even with a single line to come', () => {
    const log = [
      '2026-11-23 05:00:00.000 UTC [1] LOG:  checkpoint starting: time',
      '2026-11-23 05:00:01.000 UTC [1] LOG:  parameter "log_line_prefix" changed to "%p %d %u>> "',
      '77 kv alice>> ERROR:  division by zero',
      '2026-11-23 05:00:03.000 UTC [5] ERROR:  of a backend that has not reloaded yet',
    ].join('\n');
    const events = parsePostgres(log).filter(({ severity }) => severity === 'ERROR');
    expect(events.map(({ pid, database, user }) => [pid, database, user])).toEqual([
      [77, 'kv', 'alice'],
      [5, null, null],
    ]);
  });

  it('is learnt when sessions appear long after the background lines', () => {
    const quiet = Array.from(
      { length: 3000 },
      () => '2026-11-23 05:00:00.000 UTC||||101| LOG:  checkpoint starting: time\n',
    ).join('');
    const linePrefix = '%m|%u|%d|%h|%p| ';
    const log = quiet + renderStderr(before, { linePrefix }).join('');
    const events = parsePostgres(log, { cuts: [70_000, 140_000] }).slice(3000);
    expect(events.map(foundOf)).toEqual(expected(linePrefix, before));
  });

  it('may be two at once, of two servers that write into one file', () => {
    const first = '%m [%p] ';
    const second = '%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ';
    const ones = renderStderr(before, { linePrefix: first });
    const others = renderStderr(
      after.map((entry) => ({ ...entry, backend: { ...entry.backend, pid: entry.backend.pid + 5_000_000 } })),
      { linePrefix: second },
    );
    const log = ones.map((text, index) => text + (others[index] ?? '')).join('');
    const events = parsePostgres(log);
    expect(events).toHaveLength(before.length + after.length);
    expect(events.filter(({ pid }) => (pid ?? 0) < 5_000_000).map(foundOf)).toEqual(expected(first, before));
  });
});
