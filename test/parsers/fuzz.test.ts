import { expect, it } from 'vitest';
import type { LogEvent } from '../../src/domain.ts';
import { newParser, readFixture } from './parse-bytes.ts';
import { RENDERS } from './render-envelopes.ts';
import { renderSyslog } from './render-syslog.ts';

const BYTES = Number(process.env['WHYD_FUZZ_BYTES'] ?? 600_000);
const SEED = Number(process.env['WHYD_FUZZ_SEED'] ?? 20_261_123);

/** mulberry32: small, and the same everywhere. */
function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const denokvLog = readFixture('wrapping', 'denokv.log');
const postgresLog = readFixture('wrapping', 'postgresql.log');
const messages = postgresLog
  .toString()
  .trimEnd()
  .split('\n')
  .map((line) => ({ lines: [line], pid: 7 }));
const program = { ident: 'postgres', unit: 'postgres.service' };
const access = [
  '10.0.0.7 - - [23/Nov/2026:05:43:22 +0000] "POST /v2/atomic_write HTTP/1.1" 500 34 "-" "Deno" 0.013 "ee3781ec8dd8ecc028575b1f36f29004"\n',
  '{"time":"2026-11-23T05:43:22+00:00","msec":"1795412602.815","uri":"/watch","status":500,"request_time":"0.003"}\n',
  '[2026-11-23T05:43:22.000Z] "POST /v2/atomic_write HTTP/2" 500 - 120 34 15 14 "10.0.0.7" "Deno" "id" "kv:4512" "10.0.0.9:4512"\n',
  '10.0.0.7:3 [23/Nov/2026:05:43:22.655] in kv/d 10/0/30/69/109 500 2750 - - ---- 1/1/1/1/0 0/0 {a|b} "POST /v2/atomic_write HTTP/1.1"\n',
];
const SEEDS: readonly Buffer[] = [
  denokvLog,
  postgresLog,
  readFixture('three-forms', 'edge.csv').subarray(0, 8000),
  readFixture('three-forms', 'edge.json').subarray(0, 8000),
  ...access.map((line) => Buffer.from(line.repeat(30))),
  ...Object.values(RENDERS).map((render) => Buffer.from(render(messages, program))),
  Buffer.from(renderSyslog(messages, { splitMessages: true, sequenceNumbers: true, daemon: 'trim' })),
  Buffer.from(renderSyslog(messages, { splitMessages: false, sequenceNumbers: false, daemon: 'escape' })),
];

const NASTY = [
  '\0\0\0\0\0\0',
  '\xff\xfe',
  '\r\n',
  '\n',
  '"',
  '{',
  '[',
  ']]]]',
  '\\',
  '\x1b[31m',
  '%'.repeat(50),
  ' '.repeat(300),
  'ERROR:  ',
  '\t',
  "thread 'x' panicked at ",
];

type Random = (below: number) => number;

function mutate(seed: Buffer, random: Random): Buffer {
  const parts: Buffer[] = [seed];
  for (let i = random(12); i > 0; i--) {
    const whole = Buffer.concat(parts.splice(0));
    const [at, length] = [random(whole.length + 1), random(400)];
    const other = SEEDS[random(SEEDS.length)] ?? seed;
    const from = random(other.length);
    const inserted = [
      Buffer.alloc(0),
      Buffer.from(NASTY[random(NASTY.length)] ?? '', 'latin1'),
      Buffer.from(Array.from({ length: random(40) }, () => random(256))),
      other.subarray(from, from + length),
      whole.subarray(at, at + length),
    ][random(5)];
    parts.push(whole.subarray(0, at), inserted ?? Buffer.alloc(0), whole.subarray(at + (random(2) === 0 ? 0 : length)));
  }
  return Buffer.concat(parts);
}

/** What must hold of any bytes at all. */
function check(log: Buffer, random: Random): void {
  const parser = newParser({ referenceMs: Date.parse('2026-11-24'), keepStatements: random(3) === 0 });
  const events: LogEvent[] = [];
  for (let from = 0; from < log.length;) {
    const to = Math.min(log.length, from + 1 + random(6000));
    events.push(
      ...parser.push({ fileId: 1, byteStart: from, bytes: log.subarray(from, to), startsGeneration: from === 0 }),
    );
    if (random(9) === 0) events.push(...parser.flush());
    expect(parser.safeOffset).toBeLessThanOrEqual(to);
    from = to;
  }
  events.push(...parser.end());
  for (const { citation, at } of events) {
    const inside = citation.byteStart >= 0 && citation.byteEnd <= log.length && citation.byteStart < citation.byteEnd;
    if (!inside || citation.line < 1 || citation.lines < 1)
      expect.fail(`a citation outside the log: ${JSON.stringify(citation)}`);
    if (at !== null && !Number.isSafeInteger(at.us)) expect.fail(`a time that is none: ${at.us}`);
  }
  expect(parser.counts.lines).toBe(
    log.toString('latin1').split('\n').length - (log.length === 0 || log.at(-1) === 10 ? 1 : 0),
  );
}

it(`reads any bytes without a throw, a hang or a citation out of place (seed ${SEED})`, () => {
  const random = randomOf(SEED);
  let worstMsPerKb = 0;
  for (let bytes = 0; bytes < BYTES;) {
    const log = mutate(SEEDS[random(SEEDS.length)] ?? denokvLog, random);
    const started = performance.now();
    check(log, random);
    worstMsPerKb = Math.max(worstMsPerKb, ((performance.now() - started) / Math.max(16_384, log.length)) * 1024);
    bytes += log.length + 1;
  }
  expect(worstMsPerKb).toBeGreaterThan(0);
}, 600_000);
