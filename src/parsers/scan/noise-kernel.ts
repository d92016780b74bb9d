import { NOISE_WORDS, QUOTED_MESSAGE } from '../postgres/statement-noise.ts';
import { assemble, both, choose, either, giveBack, i32, i64, v128, when, whileTrue, type Code, type Scope, type WasmFunction } from './wasm.ts';

/** The forms of Postgres' log in which a scan can tell statement noise. */
export type NoiseForm = 'stderr' | 'csv' | 'json';

/** Where things stand in the kernel's memory; the log's bytes come last and may be followed by anything. */
export const LAYOUT = { runs: 4096, runsEnd: 4096 + 12 * 20_000, bytes: 262_144 } as const;
/** Results of a scan. */
export const RESULT = { lines: 0, statements: 4, runs: 8 } as const;
export const MAX_SCAN_BYTES = 1 << 20;

const LF = 10;
const TAB = 9;
const VECTOR_BYTES = 16;
/** Two vectors a round: their bit masks fill an i32. */
const ROUND_BYTES = 2 * VECTOR_BYTES;

/**
 * The three bytes that are looked for in all places at once, the text that must stand around them (`offset` before), and what has to follow it
 * in a noise record. Unescaped quotes make the texts of csvlog and jsonlog unforgeable; in stderr a label is any colon with two blanks.
 */
const MARKS = {
  stderr: { probe: ':  ', offset: 0, text: ':  ', then: '' },
  csv: { probe: ',LO', offset: 0, text: QUOTED_MESSAGE.csv, then: '' },
  json: { probe: '_se', offset: 7, text: ',"error_severity":"', then: QUOTED_MESSAGE.json.slice(',"error_severity":"'.length) },
} as const;

/**
 * Builds the module whose `scan(to, pidOffset)` reads whole lines from LAYOUT.bytes up to `to`, counts lines and statements, and writes the runs
 * of lines that are not surely noise as (from, to, lines before). A line is passed over only when everything about it says noise; each doubt
 * makes a candidate, which the form's reader then reads line by line.
 */
export function buildNoiseKernel(form: NoiseForm): Uint8Array<ArrayBuffer> {
  return assemble([isNoise, samePid, beginsRecord, mark(form), lineIsNoise(form), scan(form)], (LAYOUT.bytes + MAX_SCAN_BYTES) / 65_536 + 1);
}

/** Whether the bytes at an address (cheap to compute: it is computed for each piece) are this text; eight at a time, then four, then one. */
function isText(address: Code, text: string): Code {
  const bytes = Buffer.from(text, 'latin1');
  const pieces: Code[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at >= 8) {
      pieces.push(i64.eq(i64.load(address, at), i64.const(bytes.readBigInt64LE(at))));
      at += 8;
    } else if (bytes.length - at >= 4) {
      pieces.push(i32.eq(i32.load(address, at), i32.const(bytes.readInt32LE(at))));
      at += 4;
    } else {
      pieces.push(i32.eq(i32.load8(address, at), i32.const(bytes.readUInt8(at))));
      at += 1;
    }
  }
  return pieces.reduceRight((rest, piece) => both(piece, rest));
}

function isDigit(byte: Code): Code {
  return i32.lessU(i32.sub(byte, i32.const(48)), i32.const(10));
}

/** isNoise(at): whether a LOG message that begins here is statement noise, as isNoiseAt has it. */
const isNoise: WasmFunction = {
  name: 'isNoise',
  params: ['at'],
  locals: ['digits'],
  hasResult: true,
  body: ({ get, set }) => {
    const digit = i32.load8(i32.add(get('at'), get('digits')));
    const first = i32.load8(get('at'));
    const end = i32.add(get('at'), get('digits'));
    const behind = (offset: number): Code => i32.load8(end, offset);
    const isBlankAt = (offset: number): Code => i32.eq(behind(offset), i32.const(32));
    return [
      ...NOISE_WORDS.flatMap((word) => when(isText(get('at'), word), giveBack(i32.const(1)))),
      ...when(i32.not(isText(get('at'), 'duration: ')), giveBack(i32.const(0))),
      ...set('at', i32.add(get('at'), i32.const('duration: '.length))),
      ...whileTrue(both(i32.lessU(get('digits'), i32.const(4)), isDigit(digit)), set('digits', i32.add(get('digits'), i32.const(1)))),
      // Below SLOW_STATEMENT_MS, which has three digits: fewer digits, or three of which the first is at most 4.
      ...when(either(i32.not(get('digits')), i32.lessU(i32.const(3), get('digits'))), giveBack(i32.const(0))),
      ...when(both(i32.eq(get('digits'), i32.const(3)), i32.lessU(i32.const(52), first)), giveBack(i32.const(0))),
      ...both(
        both(i32.eq(behind(0), i32.const(46)), both(isDigit(behind(1)), both(isDigit(behind(2)), isDigit(behind(3))))),
        both(
          isText(i32.add(end, i32.const(4)), ' ms'),
          // Two blanks, a line's end, or a quote's.
          either(i32.eq(behind(7), i32.const(34)), either(i32.eq(behind(7), i32.const(LF)), both(isBlankAt(7), isBlankAt(8)))),
        ),
      ),
    ];
  },
};

/**
 * samePid(line, other, label): whether two lines' prefixes are one backend's. With the offset of the pid (behind fields of fixed width) the
 * numbers there must be equal; without it everything before the label must.
 */
const samePid: WasmFunction = {
  name: 'samePid',
  params: ['line', 'other', 'label', 'pidOffset'],
  locals: ['i', 'byte'],
  hasResult: true,
  body: ({ get, set }) => {
    const step = set('i', i32.add(get('i'), i32.const(1)));
    const of = (line: string): Code => i32.load8(i32.add(get(line), get('i')));
    const isEqual = i32.eq(of('line'), of('other'));
    return [
      ...when(i32.lessS(get('pidOffset'), i32.const(1)), [
        ...whileTrue(both(i32.lessU(i32.add(get('line'), get('i')), get('label')), isEqual), step),
        ...giveBack(i32.eq(i32.add(get('line'), get('i')), get('label'))),
      ]),
      ...set('i', i32.sub(get('pidOffset'), i32.const(1))),
      ...when(either(isDigit(of('line')), i32.not(isEqual)), giveBack(i32.const(0))),
      ...step,
      ...when(either(i32.not(isDigit(of('line'))), i32.not(i32.lessU(i32.add(get('line'), get('i')), get('label')))), giveBack(i32.const(0))),
      ...whileTrue(both(isDigit(of('line')), isEqual), step),
      ...both(i32.not(isDigit(of('line'))), i32.not(isDigit(of('other')))),
    ];
  },
};

/** mark(pos, line, previous, pidOffset): what a probe's hit means. 0: nothing; 1: a mark that is no noise; 2: noise begins; 3: a section of noise. */
function mark(form: NoiseForm): WasmFunction {
  return {
    name: 'mark',
    params: ['pos', 'line', 'previous', 'pidOffset'],
    locals: ['label'],
    hasResult: true,
    body: (scope) => (form === 'stderr' ? stderrMark(scope) : quotedMark(scope, MARKS[form])),
  };
}

function quotedMark({ get, call }: Scope, { text, offset, then }: (typeof MARKS)['csv' | 'json']): Code {
  const behind = i32.add(get('pos'), i32.const(text.length - offset));
  const isNoiseBehind = call('isNoise', i32.add(behind, i32.const(then.length)));
  return [
    ...when(i32.not(isText(i32.sub(get('pos'), i32.const(offset)), text)), giveBack(i32.const(0))),
    ...choose(then === '' ? isNoiseBehind : both(isText(behind, then), isNoiseBehind), i32.const(2), i32.const(1)),
  ];
}

function stderrMark({ get, set, call }: Scope): Code {
  const isLabel = (label: string): Code =>
    both(
      i32.atLeastU(get('label'), get('line')),
      both(
        isText(get('label'), label),
        // The word begins here: no letter, and no byte of one, stands before it.
        either(i32.eq(get('label'), get('line')), i32.not(isLetter(i32.load8(i32.sub(get('label'), i32.const(1)))))),
      ),
    );
  return [
    ...set('label', i32.sub(get('pos'), i32.const('LOG'.length))),
    ...when(both(isLabel('LOG'), call('isNoise', i32.add(get('pos'), i32.const(3)))), giveBack(i32.const(2))),
    ...set('label', i32.sub(get('pos'), i32.const('DETAIL'.length))),
    ...choose(
      both(get('previous'), both(isLabel('DETAIL'), call('samePid', get('line'), get('previous'), get('label'), get('pidOffset')))),
      i32.const(3),
      i32.const(1),
    ),
  ];
}

function isLetter(byte: Code): Code {
  return either(i32.lessU(i32.sub(i32.or(byte, i32.const(32)), i32.const(97)), i32.const(26)), i32.lessU(i32.const(127), byte));
}

/**
 * beginsRecord(line): whether a line looks like the beginning of a csvlog record: a time with its zone, then a field that is empty or quoted.
 * Inside a quoted field its quotes would be doubled.
 */
const beginsRecord: WasmFunction = {
  name: 'beginsRecord',
  params: ['line'],
  locals: ['at'],
  hasResult: true,
  body: ({ get, set }) => {
    const byte = (at: Code, offset: number, value: string): Code => i32.eq(i32.load8(at, offset), i32.const(value.charCodeAt(0)));
    const isTime = [
      [4, '-'],
      [7, '-'],
      [10, ' '],
      [13, ':'],
      [16, ':'],
      [19, '.'],
    ] as const;
    const at = get('at');
    return [
      ...when(i32.not(isTime.map(([offset, value]) => byte(get('line'), offset, value)).reduceRight((rest, one) => both(one, rest))), giveBack(i32.const(0))),
      ...set('at', i32.add(get('line'), i32.const('2026-11-23 05:00:00.000 '.length))),
      ...whileTrue(
        both(i32.not(byte(at, 0, ',')), i32.lessU(at, i32.add(get('line'), i32.const('2026-11-23 05:00:00.000 GMT+12:30'.length)))),
        set('at', i32.add(at, i32.const(1))),
      ),
      ...both(
        byte(at, 0, ','),
        either(byte(at, 1, ','), both(byte(at, 1, '"'), either(i32.not(byte(at, 2, '"')), byte(at, 3, ',')))),
      ),
    ];
  },
};

/**
 * lineIsNoise(line, marks, kind, previous, isOpen): `kind` is the mark's, `previous` the last noise line of a row without a candidate in it
 * (0 for none), `isOpen` (csv) whether a noise record's quote is still open.
 */
function lineIsNoise(form: NoiseForm): WasmFunction {
  return {
    name: 'lineIsNoise',
    params: ['line', 'marks', 'kind', 'previous', 'isOpen'],
    locals: [],
    hasResult: true,
    body: ({ get, call }) => {
      const first = i32.load8(get('line'));
      const hasNoiseMark = both(i32.eq(get('marks'), i32.const(1)), i32.lessU(i32.const(1), get('kind')));
      switch (form) {
        case 'stderr':
          return choose(i32.eq(first, i32.const(TAB)), i32.ne(get('previous'), i32.const(0)), hasNoiseMark);
        case 'json':
          return both(i32.eq(first, i32.const(123)), hasNoiseMark);
        case 'csv': {
          // Inside quotes what looks like a new record may be one, behind one that was cut.
          return choose(get('isOpen'), i32.not(call('beginsRecord', get('line'))), both(isDigit(first), hasNoiseMark));
        }
      }
    },
  };
}

function scan(form: NoiseForm): WasmFunction {
  const { probe } = MARKS[form];
  const isCsv = form === 'csv';
  return {
    name: 'scan',
    params: ['to', 'pidOffset'],
    locals: ['at', 'hits', 'newlines', 'quotes', 'bit', 'pos', 'line', 'marks', 'kind', 'result', 'previous', 'isOpen', 'openLine', 'openLines', 'parity', 'isNoise', 'runFrom', 'runLines', 'out', 'lines', 'statements', 'v_low', 'v_high'],
    hasResult: false,
    body: (scope) => {
      const { get, set } = scope;
      const maskOf = (test: (v: Code, offset: number) => Code): Code =>
        i32.or(
          v128.bitmask(test(get('v_low'), 0)),
          i32.shiftLeft(v128.bitmask(test(get('v_high'), VECTOR_BYTES)), i32.const(VECTOR_BYTES)),
        );
      const isByte = (byte: number) => (v: Code): Code => v128.equalBytes(v, v128.ofByte(byte));
      const isProbe = (v: Code, offset: number): Code =>
        v128.and(
          isByte(probe.charCodeAt(0))(v),
          v128.and(
            isByte(probe.charCodeAt(1))(v128.load(get('at'), offset + 1)),
            isByte(probe.charCodeAt(2))(v128.load(get('at'), offset + 2)),
          ),
        );
      const below = i32.sub(i32.shiftLeft(i32.const(1), get('bit')), i32.const(1));
      const countQuotes = (mask: Code): Code => set('parity', i32.xor(get('parity'), i32.and(i32.countOnes(mask), i32.const(1))));
      return [
        ...set('at', i32.const(LAYOUT.bytes)),
        ...set('line', get('at')),
        ...set('out', i32.const(LAYOUT.runs)),
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
                  ...(isCsv ? [...countQuotes(i32.and(get('quotes'), below)), ...set('quotes', i32.and(get('quotes'), i32.xor(below, i32.const(-1))))] : []),
                  ...endLine(scope, isCsv),
                ],
                onHit(scope),
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

function onHit({ get, set, call }: Scope): Code {
  return [
    ...set('result', call('mark', get('pos'), get('line'), get('previous'), get('pidOffset'))),
    ...when(get('result'), [...set('marks', i32.add(get('marks'), i32.const(1))), ...set('kind', get('result'))]),
  ];
}

function endLine(scope: Scope, isCsv: boolean): Code {
  const { get, set, call } = scope;
  const isFirst = i32.and(i32.lessU(i32.const(1), get('kind')), i32.eq(get('marks'), i32.const(1)));
  return [
    ...set('isNoise', call('lineIsNoise', get('line'), get('marks'), get('kind'), get('previous'), get('isOpen'))),
    // Too many runs for their table: what would end one goes on with it, and is read line by line.
    ...when(both(get('isNoise'), both(get('runFrom'), i32.atLeastU(get('out'), i32.const(LAYOUT.runsEnd - 12)))), set('isNoise', i32.const(0))),
    ...when(
      get('isNoise'),
      [
        ...when(get('runFrom'), writeRun(scope, get('line'))),
        ...when(isFirst, set('previous', get('line'))),
        ...when(both(isFirst, i32.eq(get('kind'), i32.const(2))), set('statements', i32.add(get('statements'), i32.const(1)))),
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
  return [...when(isFirst, [...set('openLine', get('line')), ...set('openLines', get('lines'))]), ...set('isOpen', get('parity'))];
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
