/**
 * How fast the real daemon takes logs in, how soon a failure can be asked for, and what it costs to wait: ratios and times of one run on this
 * machine. Needs the build in dist/. Argument: megabytes of log for the first part (default 256); or one part (`sustained`, `lag`, `idle`); or `size`
 * and millions (default 10): memory over so many lines, and the start on an index of so many events.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { coldStart } from './ingest/cold-start.mjs';
import { idle } from './ingest/idle.mjs';
import { lag } from './ingest/lag.mjs';
import { memory } from './ingest/memory.mjs';
import { sustained } from './ingest/sustained.mjs';

async function inFolders(parts) {
  for (const part of parts) {
    const folder = mkdtempSync(join(tmpdir(), 'whyd-bench-'));
    try {
      await part(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

const PARTS = { sustained, lag, idle };

export async function benchIngest(megabytes = 256) {
  await inFolders(Object.values(PARTS).map((part) => (folder) => part(folder, megabytes)));
}

/** @param millions of lines, and of events in the index */
async function benchSize(millions = 10) {
  await inFolders([(folder) => memory(folder, millions * 1e6), (folder) => coldStart(folder, millions * 1e6)]);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [what = '256', millions = '10'] = process.argv.slice(2);
  if (what === 'size') await benchSize(Number(millions));
  else if (Object.hasOwn(PARTS, what)) await inFolders([(folder) => PARTS[what](folder, 256)]);
  else await benchIngest(Number(what));
}
