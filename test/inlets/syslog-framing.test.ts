import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_MESSAGE_BYTES, SyslogFraming } from '../../src/tailers/syslog-framing.ts';

function messagesOf(stream: Buffer, cuts: readonly number[]): { messages: string[]; truncated: number } {
  const framing = new SyslogFraming();
  const messages: string[] = [];
  let from = 0;
  for (const cut of [...cuts.map((at) => at % (stream.length + 1)).sort((a, b) => a - b), stream.length]) {
    messages.push(...framing.push(stream.subarray(from, cut)).map((message) => message.toString('latin1')));
    from = cut;
  }
  const rest = framing.end();
  if (rest !== null) messages.push(rest.toString('latin1'));
  return { messages, truncated: framing.truncated };
}

const body = fc.stringMatching(/^[ -~\t]{0,80}$/).map((text) => `<13>${text}`);
const frame = fc.record({ text: body, framing: fc.constantFrom('counted', 'lf', 'nul') });

describe('syslog frames', () => {
  test('every framing in one stream, cut anywhere, gives the messages that were sent', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 20 }), (frames, cuts) => {
        const stream = frames
          .map(({ text, framing }) =>
            framing === 'counted' ? `${String(text.length)} ${text}` : text + (framing === 'lf' ? '\n' : '\0'),
          )
          .join('');
        expect(messagesOf(Buffer.from(stream, 'latin1'), cuts).messages).toEqual(frames.map(({ text }) => text));
      }),
      { numRuns: 2000 },
    );
  });

  test('a counted message may hold line ends', () => {
    expect(messagesOf(Buffer.from('9 <13>a\nb\nc3 <1>'), [4]).messages).toEqual(['<13>a\nb\nc', '<1>']);
  });

  test('a line that begins with a number is a line', () => {
    expect(messagesOf(Buffer.from('12 apples\n2026-11-23 x\n007 <13>\n'), []).messages).toEqual([
      '12 apples',
      '2026-11-23 x',
      '007 <13>',
    ]);
  });

  test.each([
    ['ended by a line end', (text: string) => `${text}\n`],
    ['counted', (text: string) => `${String(text.length)} ${text}`],
  ])('a message that is too long, %s, keeps its head, is counted, and the next is whole', (_, framed) => {
    const long = `<13>${'x'.repeat(MAX_MESSAGE_BYTES * 3)}`;
    const stream = Buffer.from(framed(long) + framed('<13>next'));
    for (const cuts of [[], [10, MAX_MESSAGE_BYTES - 1, MAX_MESSAGE_BYTES + 20, MAX_MESSAGE_BYTES * 2]]) {
      expect(messagesOf(stream, cuts)).toEqual({
        messages: [long.slice(0, MAX_MESSAGE_BYTES), '<13>next'],
        truncated: 1,
      });
    }
  });

  test('a connection that ends within a message hands on what came; a count that lacks is counted', () => {
    expect(messagesOf(Buffer.from('<13>no end'), [])).toEqual({ messages: ['<13>no end'], truncated: 0 });
    expect(messagesOf(Buffer.from('50 <13>cut'), [])).toEqual({ messages: ['<13>cut'], truncated: 1 });
  });
});
