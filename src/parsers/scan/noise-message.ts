import { ENDING_CALL, NOISE_WORDS } from '../postgres/statement-noise.ts';
import { isDigit, isText, LF } from './byte-tests.ts';
import { both, either, giveBack, i32, when, whileTrue, type Code, type WasmFunction } from './wasm.ts';

const STATEMENT = 'statement: ';
/** What stands between a duration's whole part and its statement. */
const MILLISECONDS = '.000 ms  ';

/** Whether a statement so many bytes on may begin with a call that ends sessions; its reader looks closer. */
function mayEndSessions(at: Code, offset: number): Code {
  const call = i32.add(at, i32.const(offset + ENDING_CALL.behind));
  return ENDING_CALL.begins.map((text) => isText(call, text)).reduce(either);
}

/** isNoise(at): whether a LOG message that begins here is statement noise, as isNoiseAt has it. */
export const isNoise: WasmFunction = {
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
      ...NOISE_WORDS.flatMap((word) =>
        when(
          isText(get('at'), word),
          giveBack(word === STATEMENT ? i32.not(mayEndSessions(get('at'), word.length)) : i32.const(1)),
        ),
      ),
      ...when(i32.not(isText(get('at'), 'duration: ')), giveBack(i32.const(0))),
      ...set('at', i32.add(get('at'), i32.const('duration: '.length))),
      ...whileTrue(
        both(i32.lessU(get('digits'), i32.const(4)), isDigit(digit)),
        set('digits', i32.add(get('digits'), i32.const(1))),
      ),
      // Below SLOW_STATEMENT_MS, which has three digits: fewer digits, or three of which the first is at most 4.
      ...when(either(i32.not(get('digits')), i32.lessU(i32.const(3), get('digits'))), giveBack(i32.const(0))),
      ...when(both(i32.eq(get('digits'), i32.const(3)), i32.lessU(i32.const(52), first)), giveBack(i32.const(0))),
      ...both(
        both(i32.eq(behind(0), i32.const(46)), both(isDigit(behind(1)), both(isDigit(behind(2)), isDigit(behind(3))))),
        both(
          isText(i32.add(end, i32.const(4)), ' ms'),
          // Two blanks, a line's end, or a quote's.
          either(
            i32.eq(behind(7), i32.const(34)),
            either(
              i32.eq(behind(7), i32.const(LF)),
              both(
                both(isBlankAt(7), isBlankAt(8)),
                i32.not(mayEndSessions(end, MILLISECONDS.length + STATEMENT.length)),
              ),
            ),
          ),
        ),
      ),
    ];
  },
};
