import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FollowedIndex } from './followed-index.ts';

const ROME = 'Europe/Rome';
/** No zone of its own. */
const NOON = '2026-11-23 12:00:00.000';

let followed: FollowedIndex;

beforeEach(() => {
  followed = new FollowedIndex('postgres', []);
  also('a/*.log', 'UTC');
  for (const folder of ['a', 'b']) mkdirSync(join(followed.folder, folder));
});

afterEach(async () => {
  await followed.close();
});

function write(name: string, message: string): void {
  const lines = [1, 2, 3].map((pid) => `${NOON} [${String(pid)}] denokv@kv ERROR:  ${message}\n`);
  writeFileSync(join(followed.folder, name), lines.join(''));
}

function also(path: string, timezone: string): void {
  followed.sources.push({ kind: 'postgres', paths: [join(followed.folder, path)], linePrefix: null, timezone });
}

/** By message: the hours, UTC. */
function hours(): Readonly<Record<string, number>> {
  followed.flush();
  return Object.fromEntries(
    followed.events.flatMap((event) =>
      event.kind === 'postgres_error' && event.at !== null
        ? [[event.message, new Date(event.at.us / 1000).getUTCHours()]]
        : [],
    ),
  );
}

describe('the time zone of a source', () => {
  it('is that of the files that its pattern matches, and of no other', async () => {
    also('b/*.log', ROME);
    write('a/server.log', 'of UTC');
    write('b/server.log', 'of Rome');
    await followed.start();
    await expect.poll(hours, { timeout: 10_000 }).toEqual({ 'of UTC': 12, 'of Rome': 11 });
  });

  it('is that of the source that names a file, though the pattern of one before it matches too', async () => {
    also('a/special.log', ROME);
    write('a/server.log', 'of UTC');
    write('a/special.log', 'of Rome');
    await followed.start();
    await expect.poll(hours, { timeout: 10_000 }).toEqual({ 'of UTC': 12, 'of Rome': 11 });
  });

  it('holds for what was rotated away', async () => {
    also('b/server.log', ROME);
    await followed.start();
    write('b/server.log', 'earlier');
    await expect.poll(hours, { timeout: 10_000 }).toEqual({ earlier: 11 });
    await followed.stop();
    write('b/server.log', 'of Rome');
    renameSync(join(followed.folder, 'b/server.log'), join(followed.folder, 'b/server.log.1'));
    write('b/server.log', 'of Rome too');
    await followed.start();
    await expect.poll(hours, { timeout: 10_000 }).toEqual({ earlier: 11, 'of Rome': 11, 'of Rome too': 11 });
  });
});
