import { QUOTED_MESSAGE } from '../postgres/statement-noise.ts';
import { isDigit, isLetter, isText } from './byte-tests.ts';
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

/** The forms of Postgres' log in which a scan can tell statement noise. */
export type NoiseForm = 'stderr' | 'csv' | 'json';

/**
 * The three bytes that are looked for in all places at once, the text that must stand around them (`offset` before), and what has to follow it
 * in a noise record. Unescaped quotes make the texts of csvlog and jsonlog unforgeable; in stderr a label is any colon with two blanks.
 */
export const MARKS = {
  stderr: { probe: ':  ', offset: 0, text: ':  ', then: '' },
  csv: { probe: ',LO', offset: 0, text: QUOTED_MESSAGE.csv, then: '' },
  json: {
    probe: '_se',
    offset: 7,
    text: ',"error_severity":"',
    then: QUOTED_MESSAGE.json.slice(',"error_severity":"'.length),
  },
} as const;

/**
 * samePid(line, other, label): whether two lines' prefixes are one backend's. With the offset of the pid (behind fields of fixed width) the
 * numbers there must be equal; without it everything before the label must.
 */
export const samePid: WasmFunction = {
  name: 'samePid',
  params: ['line', 'other', 'label', 'pidOffset'],
  locals: ['i'],
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
      ...when(
        either(i32.not(isDigit(of('line'))), i32.not(i32.lessU(i32.add(get('line'), get('i')), get('label')))),
        giveBack(i32.const(0)),
      ),
      ...whileTrue(both(isDigit(of('line')), isEqual), step),
      ...both(i32.not(isDigit(of('line'))), i32.not(isDigit(of('other')))),
    ];
  },
};

/**
 * What a probe's hit at `pos` means, as an expression over the scan's variables. 0: nothing; 1: a mark that is no noise; 2: noise begins;
 * 3: a section of noise. In line, not called: it is run for every line.
 */
export function markAt(form: NoiseForm, scope: Scope): Code {
  return form === 'stderr' ? stderrMark(scope) : quotedMark(scope, MARKS[form]);
}

function quotedMark({ get, call }: Scope, { text, offset, then }: (typeof MARKS)['csv' | 'json']): Code {
  const behind = i32.add(get('pos'), i32.const(text.length - offset));
  const isNoiseBehind = call('isNoise', i32.add(behind, i32.const(then.length)));
  return choose(
    isText(i32.sub(get('pos'), i32.const(offset)), text),
    choose(then === '' ? isNoiseBehind : both(isText(behind, then), isNoiseBehind), i32.const(2), i32.const(1)),
    i32.const(0),
  );
}

function stderrMark({ get, call }: Scope): Code {
  const labelFrom = (label: string): Code => i32.sub(get('pos'), i32.const(label.length));
  const isLabel = (label: string): Code =>
    both(
      i32.atLeastU(labelFrom(label), get('line')),
      both(
        isText(labelFrom(label), label),
        // The word begins here: no letter, and no byte of one, stands before it.
        either(
          i32.eq(labelFrom(label), get('line')),
          i32.not(isLetter(i32.load8(i32.sub(labelFrom(label), i32.const(1))))),
        ),
      ),
    );
  const isSamePid = call('samePid', get('line'), get('previous'), labelFrom('DETAIL'), get('pidOffset'));
  return choose(
    both(isLabel('LOG'), call('isNoise', i32.add(get('pos'), i32.const(3)))),
    i32.const(2),
    choose(both(get('previous'), both(isLabel('DETAIL'), isSamePid)), i32.const(3), i32.const(1)),
  );
}
