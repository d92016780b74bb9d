import { TORN_LINE_CHARS } from '../postgres/torn-lines.ts';
import { isDigit, TAB } from './byte-tests.ts';
import type { NoiseForm } from './noise-marks.ts';
import {
  both,
  choose,
  either,
  giveBack,
  i32,
  when,
  whileTrue,
  type Code,
  type Scope,
  type WasmFunction,
} from './wasm.ts';

/**
 * beginsRecord(line): whether a line looks like the beginning of a csvlog record: a time with its zone, then a field that is empty or quoted.
 * Inside a quoted field its quotes would be doubled.
 */
export const beginsRecord: WasmFunction = {
  name: 'beginsRecord',
  params: ['line'],
  locals: ['at'],
  hasResult: true,
  body: ({ get, set }) => {
    const byte = (at: Code, offset: number, value: string): Code =>
      i32.eq(i32.load8(at, offset), i32.const(value.charCodeAt(0)));
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
      ...when(
        i32.not(
          isTime.map(([offset, value]) => byte(get('line'), offset, value)).reduceRight((rest, one) => both(one, rest)),
        ),
        giveBack(i32.const(0)),
      ),
      ...set('at', i32.add(get('line'), i32.const('2026-11-23 05:00:00.000 '.length))),
      ...whileTrue(
        both(
          i32.not(byte(at, 0, ',')),
          i32.lessU(at, i32.add(get('line'), i32.const('2026-11-23 05:00:00.000 GMT+12:30'.length))),
        ),
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
 * Whether the line that ends here is noise, as an expression over the scan's variables: `kind` is its mark's, `previous` the last noise line of
 * a row without a candidate in it (0 for none), `isOpen` (csv) whether a noise record's quote is still open.
 */
export function lineIsNoise(form: NoiseForm, scope: Scope): Code {
  const { get, call } = scope;
  const first = i32.load8(get('line'));
  switch (form) {
    case 'stderr':
      return choose(
        i32.eq(first, i32.const(TAB)),
        both(i32.ne(get('previous'), i32.const(0)), i32.not(mayBeTorn(scope))),
        hasNoiseMark(form, scope),
      );
    case 'json':
      return both(i32.eq(first, i32.const(123)), hasNoiseMark(form, scope));
    case 'csv':
      // Inside quotes what looks like a new record may be one, behind one that was cut.
      return choose(
        get('isOpen'),
        i32.not(call('beginsRecord', get('line'))),
        both(isDigit(first), hasNoiseMark(form, scope)),
      );
  }
}

/** Whether another writer's entry may begin inside this line, which goes on with one. */
function mayBeTorn({ get }: Scope): Code {
  return both(get('marks'), i32.lessU(i32.const(TORN_LINE_CHARS), i32.sub(get('pos'), get('line'))));
}

/** Whether the line has one mark, and one of noise; what goes on with another line has none of its own. */
export function hasNoiseMark(form: NoiseForm, { get }: Scope): Code {
  const isMarked = i32.and(i32.lessU(i32.const(1), get('kind')), i32.eq(get('marks'), i32.const(1)));
  return form === 'stderr' ? both(isMarked, i32.ne(i32.load8(get('line')), i32.const(TAB))) : isMarked;
}
