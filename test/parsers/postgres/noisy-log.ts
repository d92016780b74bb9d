import fc from 'fast-check';
import { renderCsv, renderJson, renderStderr, type Backend, type Entry } from './render.ts';
import { backgroundProcess } from './sessions.ts';

export type Form = 'stderr' | 'csv' | 'json';

const START_MS = 1_795_406_073_000;

type Happening = Omit<Entry, 'backend' | 'atMs'>;
const log = (message: string, detail?: string): Happening => ({
  severity: 'LOG',
  sqlstate: '00000',
  message,
  ...(detail === undefined ? {} : { detail }),
});

/** All that a server prints for statements, and what only looks like it. */
const HAPPENINGS: readonly Happening[] = [
  log('statement: SELECT 1'),
  log('statement: START TRANSACTION'),
  log('statement: \n    UPDATE t\n    SET v = 1 -- ERROR:  no\n'),
  log('execute s12: SELECT value FROM kv_store WHERE key = $1', "parameters: $1 = '\\x02'"),
  log('execute <unnamed>: SELECT \'\n2026-11-23 05:00:00.000 UTC,"a","b",12,\'', "Parameters: $1 = 'a\nb', $2 = NULL"),
  log('duration: 0.123 ms'),
  log('duration: 12.001 ms  statement: SELECT 2'),
  log('duration: 499.999 ms  execute s1: SELECT 3', "parameters: $1 = '1'"),
  log('duration: 500.000 ms  execute s1: SELECT 3', "parameters: $1 = '1'"),
  log('duration: 12345.678 ms  statement: SELECT pg_sleep(12)'),
  log('duration: 0.5 ms'),
  log('parse s1: SELECT 4'),
  log('bind s1: SELECT 4', "parameters: $1 = 'x:  y'"),
  log('AUDIT: SESSION,1,1,READ,SELECT,,,SELECT 1,<not logged>'),
  log("statement: SELECT ':  ', '\",LOG,00000,\"statement: '"),
  log('statements are not noise'),
  log('statement: SELECT pg_terminate_backend(4711)'),
  log('statement: select pg_cancel_backend(pid) FROM pg_stat_activity'),
  log('statement: SELECT pg_table_size($$t$$)'),
  log('duration: 0.400 ms  statement: SELECT pg_terminate_backend(4711)'),
  log(
    'process 12 still waiting for ShareLock on transaction 778 after 1000.123 ms',
    'Process holding the lock: 7. Wait queue: 12.',
  ),
  log('checkpoint complete: wrote 3 buffers (0.0%)'),
  { severity: 'ERROR', sqlstate: '22012', message: 'division by zero', statement: 'SELECT 1/0' },
  {
    severity: 'ERROR',
    sqlstate: '42601',
    message: 'syntax error at or near "LOG:  statement: x"',
    detail: 'a\nb',
    statement: '\nSELECT\n\tx',
  },
  { severity: 'WARNING', sqlstate: '01000', message: 'statement: looks like noise' },
  { severity: 'FATAL', sqlstate: '57P01', message: 'terminating connection due to administrator command' },
];

/** What may stand between a log's own lines. */
const INTRUDERS = [
  '',
  '\n',
  '\t\n',
  '\tstray continuation\n',
  '\tLOG:  statement: stray\n',
  'no log line at all\n',
  '\0\0\0\n',
  '{"a":1}\n',
  'LOG:  statement: x\n',
  '"\n',
  'DETAIL:  parameters: x\n',
];

const BACKENDS: readonly Backend[] = [
  ...[7, 12, 13, 120, 4711].map((pid) => ({
    pid,
    startSeconds: START_MS / 1000,
    type: 'client backend',
    user: 'denokv',
    database: 'kv',
    application: pid === 13 ? 'x] LOG:  statement: fake' : 'denokv',
    host: '10.0.0.7',
    port: 5000 + pid,
  })),
  backgroundProcess('checkpointer'),
];

export const NOISY_PREFIXES = [
  '%m [%p] ',
  '%m [%p] %q%u@%d ',
  '%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ',
  '%u %m %p ',
  '%m [%c] %l ',
  '%m ',
  '',
] as const;

/** A log as bytes: mostly statement noise, sections of one entry sometimes torn apart by another backend's lines. */
export function noisyLog(form: Form, linePrefix: string, { intruders = true } = {}): fc.Arbitrary<Buffer> {
  const step = fc.record({
    who: fc.nat(BACKENDS.length - 1),
    what: fc.oneof({ weight: 3, arbitrary: fc.nat(5) }, { weight: 2, arbitrary: fc.nat(HAPPENINGS.length - 1) }),
    passesMs: fc.nat(2),
    intruder: fc.oneof(
      { weight: 12, arbitrary: fc.constant(0) },
      { weight: intruders ? 1 : 0, arbitrary: fc.nat(INTRUDERS.length - 1) },
    ),
    isTorn: fc.boolean(),
  });
  return fc.array(step, { minLength: 8, maxLength: 60 }).map((steps) => {
    let atMs = START_MS;
    const entries = steps.map(({ who, what, passesMs }): Entry => {
      atMs += passesMs;
      return {
        backend: BACKENDS[who] ?? backgroundProcess('checkpointer'),
        atMs,
        ...(HAPPENINGS[what] ?? log('statement: x')),
      };
    });
    const rendered = render(form, entries, linePrefix);
    return Buffer.from(
      interleave(
        rendered,
        steps.map(({ isTorn }) => isTorn && form === 'stderr'),
      )
        .map((text, index) => text + (INTRUDERS[steps[index]?.intruder ?? 0] ?? ''))
        .join(''),
    );
  });
}

export function render(form: Form, entries: readonly Entry[], linePrefix: string): string[] {
  switch (form) {
    case 'stderr':
      return renderStderr(entries, { linePrefix });
    case 'csv':
      return renderCsv(entries);
    case 'json':
      return renderJson(entries);
  }
}

/** Swaps the last section of an entry with the next entry's first line: what two backends on one pipe do. */
function interleave(texts: readonly string[], torn: readonly boolean[]): string[] {
  const result = [...texts];
  for (let index = 0; index + 1 < result.length; index++) {
    const text = result[index] ?? '';
    const cut = text.slice(0, -1).search(/\n(?!\t)(?=[^\n]*(?:\n\t[^\n]*)*\n?$)/);
    if (torn[index] !== true || cut < 0) continue;
    const last = text.slice(cut + 1);
    result[index] = text.slice(0, cut + 1);
    result[index + 1] = (result[index + 1] ?? '') + last;
    index++;
  }
  return result;
}
