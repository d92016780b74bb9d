import { once } from 'node:events';
import { createGunzip, type Gunzip } from 'node:zlib';

/**
 * Unpacks gzip, a block at a time. Damage is thrown only after all that could be unpacked was handed out: iterating the stream itself
 * would throw away what it had already unpacked.
 */
export async function* gunzipped(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: 1 << 18 });
  const ready: Buffer[] = [];
  let failure: unknown = null;
  gunzip.on('data', (bytes: Buffer) => ready.push(bytes));
  gunzip.on('error', (error) => {
    failure = error;
  });
  try {
    for await (const bytes of packed) {
      await settled(gunzip, () => gunzip.write(bytes, () => undefined) || gunzip.destroyed);
      yield* ready.splice(0);
      if (failure !== null) throw failure as Error;
    }
    const ended = once(gunzip, 'end').catch(() => undefined);
    gunzip.end();
    await ended;
    yield* ready.splice(0);
    if (failure !== null) throw failure as Error;
  } finally {
    gunzip.destroy();
  }
}

/** Writes, and waits until what was written is unpacked or the stream has failed. */
async function settled(gunzip: Gunzip, write: () => boolean): Promise<void> {
  if (write()) return;
  await Promise.race([once(gunzip, 'drain'), once(gunzip, 'close')]).catch(() => undefined);
}
