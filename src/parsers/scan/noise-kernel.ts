import { LF } from './byte-tests.ts';
import { beginsRecord, hasNoiseMark, lineIsNoise } from './noise-lines.ts';
import { SCAN_MEMORY_PAGES } from './scan-memory.ts';
import { markAt, MARKS, samePid, type NoiseForm } from './noise-marks.ts';
import { isNoise } from './noise-message.ts';
import { assemble, both, i32, v128, when, whileTrue, type Code, type Scope, type WasmFunction } from './wasm.ts';

/** The table of what a scan finds, below the bytes that it reads. */
const RUNS = { from: 4096, end: 4096 + 12 * 20_000 } as const;
/** Results of a scan. */
export const RESULT = { lines: 0, statements: 4, runs: 8, firstRun: RUNS.from } as const;

const VECTOR_BYTES = 16;
/** Two vectors a round: their bit masks fill an i32. */
const ROUND_BYTES = 2 * VECTOR_BYTES;

/**
 * Builds the module whose `scan(from, to, pidOffset)` reads whole lines from `from` up to `to`, counts lines and statements, and writes the runs
 * of lines that are not surely noise as (from, to, lines before). A line is passed over only when everything about it says noise; each doubt
 * makes a candidate, which the form's reader then reads line by line.
 */
export function buildNoiseKernel(form: NoiseForm): Uint8Array<ArrayBuffer> {
  return assemble([isNoise, samePid, beginsRecord, scan(form)], SCAN_MEMORY_PAGES);
}

function scan(form: NoiseForm): WasmFunction {
  const { probe } = MARKS[form];
  const isCsv = form === 'csv';
  return {
    name: 'scan',
    params: ['from', 'to', 'pidOffset'],
    locals: [
      'at',
      'hits',
      'newlines',
      'quotes',
      'bit',
      'pos',
      'line',
      'marks',
      'kind',
      'result',
      'previous',
      'isOpen',
      'openLine',
      'openLines',
      'parity',
      'isNoise',
      'runFrom',
      'runLines',
      'out',
      'lines',
      'statements',
      'v_low',
      'v_high',
    ],
    hasResult: false,
    body: (scope) => {
      const { get, set } = scope;
      const maskOf = (test: (v: Code, offset: number) => Code): Code =>
        i32.or(
          v128.bitmask(test(get('v_low'), 0)),
          i32.shiftLeft(v128.bitmask(test(get('v_high'), VECTOR_BYTES)), i32.const(VECTOR_BYTES)),
        );
      const isByte =
        (byte: number) =>
        (v: Code): Code =>
          v128.equalBytes(v, v128.ofByte(byte));
      const isProbe = (v: Code, offset: number): Code =>
        v128.and(
          isByte(probe.charCodeAt(0))(v),
          v128.and(
            isByte(probe.charCodeAt(1))(v128.load(get('at'), offset + 1)),
            isByte(probe.charCodeAt(2))(v128.load(get('at'), offset + 2)),
          ),
        );
      const below = i32.sub(i32.shiftLeft(i32.const(1), get('bit')), i32.const(1));
      const countQuotes = (mask: Code): Code =>
        set('parity', i32.xor(get('parity'), i32.and(i32.countOnes(mask), i32.const(1))));
      return [
        ...set('at', get('from')),
        ...set('line', get('at')),
        ...set('out', i32.const(RUNS.from)),
        ...whileTrue(
          i32.lessU(get('at'), get('to')),
          set('v_low', v128.load(get('at'))),
          set('v_high', v128.load(get('at'), VECTOR_BYTES)),
          set('newlines', maskOf(isByte(LF))),
          isCsv ? set('quotes', maskOf(isByte(34))) : [],
          set('hits', i32.or(get('newlines'), maskOf(isProbe))),
          whileTrue(
            get('hits'),
            set('bit', i32.countTrailingZeros(get('hits'))),
            set('hits', i32.and(get('hits'), i32.sub(get('hits'), i32.const(1)))),
            set('pos', i32.add(get('at'), get('bit'))),
            when(
              i32.lessU(get('pos'), get('to')),
              when(
                i32.and(i32.shiftRightU(get('newlines'), get('bit')), i32.const(1)),
                [
                  ...(isCsv
                    ? [
                        ...countQuotes(i32.and(get('quotes'), below)),
                        ...set('quotes', i32.and(get('quotes'), i32.xor(below, i32.const(-1)))),
                      ]
                    : []),
                  ...endLine(scope, form),
                ],
                onHit(scope, form),
              ),
            ),
          ),
          isCsv ? countQuotes(get('quotes')) : [],
          set('at', i32.add(get('at'), i32.const(ROUND_BYTES))),
        ),
        ...(isCsv ? giveUpOpenRecord(scope) : []),
        ...when(get('runFrom'), writeRun(scope, get('to'))),
        ...i32.store(i32.const(RESULT.lines), get('lines')),
        ...i32.store(i32.const(RESULT.statements), get('statements')),
        ...i32.store(i32.const(RESULT.runs), get('out')),
      ];
    },
  };
}

function onHit(scope: Scope, form: NoiseForm): Code {
  const { get, set } = scope;
  return [
    ...set('result', markAt(form, scope)),
    ...when(get('result'), [...set('marks', i32.add(get('marks'), i32.const(1))), ...set('kind', get('result'))]),
  ];
}

function endLine(scope: Scope, form: NoiseForm): Code {
  const { get, set } = scope;
  const isCsv = form === 'csv';
  const isFirst = hasNoiseMark(form, scope);
  return [
    ...set('isNoise', lineIsNoise(form, scope)),
    // Too many runs for their table: what would end one goes on with it, and is read line by line.
    ...when(
      both(get('isNoise'), both(get('runFrom'), i32.atLeastU(get('out'), i32.const(RUNS.end - 12)))),
      set('isNoise', i32.const(0)),
    ),
    ...when(
      get('isNoise'),
      [
        ...when(get('runFrom'), writeRun(scope, get('line'))),
        ...when(isFirst, set('previous', get('line'))),
        ...when(
          both(isFirst, i32.eq(get('kind'), i32.const(2))),
          set('statements', i32.add(get('statements'), i32.const(1))),
        ),
        ...(isCsv ? openRecord(scope, isFirst) : []),
      ],
      [
        ...when(i32.not(get('runFrom')), [...set('runFrom', get('line')), ...set('runLines', get('lines'))]),
        ...set('previous', i32.const(0)),
        ...(isCsv ? [...set('isOpen', i32.const(0)), ...set('parity', i32.const(0))] : []),
      ],
    ),
    ...(isCsv ? when(i32.not(get('isOpen')), set('parity', i32.const(0))) : []),
    ...set('lines', i32.add(get('lines'), i32.const(1))),
    ...set('line', i32.add(get('pos'), i32.const(1))),
    ...set('marks', i32.const(0)),
    ...set('kind', i32.const(0)),
  ];
}

/** A quote that stays open makes the next line the record's own, whatever it looks like. */
function openRecord({ get, set }: Scope, isFirst: Code): Code {
  return [
    ...when(isFirst, [...set('openLine', get('line')), ...set('openLines', get('lines'))]),
    ...set('isOpen', get('parity')),
  ];
}

/** A record that goes on behind the scanned bytes is left to the reader whole: of its rest alone nobody could tell what it is. */
function giveUpOpenRecord({ get, set }: Scope): Code {
  return when(get('isOpen'), [
    ...set('statements', i32.sub(get('statements'), i32.const(1))),
    ...set('runFrom', get('openLine')),
    ...set('runLines', get('openLines')),
  ]);
}

function writeRun({ get, set }: Scope, to: Code): Code {
  return [
    ...i32.store(get('out'), get('runFrom')),
    ...i32.store(get('out'), to, 4),
    ...i32.store(get('out'), get('runLines'), 8),
    ...set('out', i32.add(get('out'), i32.const(12))),
    ...set('runFrom', i32.const(0)),
  ];
}
