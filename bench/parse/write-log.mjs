import { closeSync, openSync, writeSync } from 'node:fs';
import { entriesOf } from './entries.mjs';
import { FORMS } from './forms.mjs';

const BLOCK_CHARS = 1 << 22;

/** Writes a log of at least so many bytes and returns how many it has. */
export function writeLog(path, { kind, form, seed, bytes }) {
  const file = openSync(path, 'w');
  const write = FORMS[form];
  let written = 0;
  let block = '';
  try {
    for (const entry of entriesOf(kind, seed)) {
      block += write(entry);
      if (block.length < BLOCK_CHARS) continue;
      written += writeSync(file, block);
      block = '';
      if (written >= bytes) return written;
    }
  } finally {
    closeSync(file);
  }
  return written;
}
