import { once } from 'node:events';
import { createGunzip, type Gunzip } from 'node:zlib';

const MAGIC = [0x1f, 0x8b] as const;
const DAMAGE: ReadonlySet<string> = new Set(['Z_BUF_ERROR', 'Z_DATA_ERROR']);

export function isGzip(firstBytes: Buffer): boolean {
  return firstBytes[0] === MAGIC[0] && firstBytes[1] === MAGIC[1];
}

/** Whether reading ended because the packed data broke off or is damaged, and not because the disk failed. */
export function isTruncation(error: unknown): boolean {
  return error instanceof Error && 'code' in error && DAMAGE.has(String(error.code));
}

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
