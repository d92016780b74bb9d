import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readEventStream, type StreamMessage } from '../../src/cli/event-stream.ts';

async function read(...chunks: readonly Uint8Array[]): Promise<readonly StreamMessage[]> {
  const messages: StreamMessage[] = [];
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
  for await (const message of readEventStream(stream)) messages.push(message);
  return messages;
}

const TEXT =
  ': hello\n\nid: 7\nevent: failure\ndata: {"text":"é日"}\n\n: beat\n\ndata: a\ndata:b\r\n\r\nid: 9\nevent: x\n\n';
const WHOLE = [
  { id: '7', event: 'failure', data: '{"text":"é日"}' },
  { id: '7', event: 'message', data: 'a\nb' },
];

test('messages, comments, and lines of any ending', async () => {
  expect(await read(new TextEncoder().encode(TEXT))).toEqual(WHOLE);
});

test('cut anywhere, also within a character', async () => {
  const bytes = new TextEncoder().encode(TEXT);
  const cut = fc.uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(cut, async (cuts) => {
      const at = [0, ...cuts.sort((one, other) => one - other), bytes.length];
      const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
      expect(await read(...chunks)).toEqual(WHOLE);
    }),
  );
});

test('a line without end is refused', async () => {
  const chunk = new TextEncoder().encode('x'.repeat(2 ** 20));
  await expect(read(chunk, chunk, chunk, chunk, chunk)).rejects.toThrow('no end');
});
