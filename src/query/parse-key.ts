import { encodeKvKey, type KvKeyPart } from './kv-key.ts';

const MAX_KEY_BYTES = 2_048;
/** What JSON lacks and Deno shows: bigints (`10000n`) and bytes (`Uint8Array[0,1]`), as whole elements of the list. */
const BIGINT = /^-?\d{1,2000}n$/;
const BYTES = /^Uint8Array ?[[(](\s*\d{1,3}(?:\s*,\s*\d{1,3})*)?\s*[\])]$/;
/** Strings are taken whole, so that nothing within them is mistaken. */
const ELEMENT = /\s*("(?:[^"\\]|\\.)*"|Uint8Array ?[[(][\d,\s]*[\])]|[^,"[\]]+)\s*(,|$)/y;

/**
 * The bytes of a key as people write it: JSON (`["users","alice",1,true]`) with Deno's `10000n` and `Uint8Array[0,1]` besides, or Postgres' own bytea
 * (`\x0275...`). Null when the text is no key.
 */
export function parseKvKey(text: string): Buffer | null {
  const bytea = /^'?\\x((?:[0-9a-f]{2})+)'?$/i.exec(text)?.[1];
  const bytes = bytea === undefined ? encodeListed(text) : Buffer.from(bytea, 'hex');
  return bytes === null || bytes.length === 0 || bytes.length > MAX_KEY_BYTES ? null : bytes;
}

function encodeListed(text: string): Buffer | null {
  if (!text.startsWith('[') || !text.endsWith(']')) return null;
  const inner = text.slice(1, -1).trim();
  const parts: KvKeyPart[] = [];
  ELEMENT.lastIndex = 0;
  while (ELEMENT.lastIndex < inner.length) {
    const [, element = '', comma] = ELEMENT.exec(inner) ?? [];
    const part = element === '' ? null : readElement(element.trim());
    if (part === null) return null;
    parts.push(part);
    if (comma === '') return encodeKvKey(parts);
  }
  return null;
}

function readElement(text: string): KvKeyPart | null {
  if (BIGINT.test(text)) return BigInt(text.slice(0, -1));
  const bytes = BYTES.exec(text);
  if (bytes !== null) {
    const values = (bytes[1] ?? '')
      .split(',')
      .filter((one) => one.trim() !== '')
      .map(Number);
    return values.every((value) => value <= 255) ? Uint8Array.from(values) : null;
  }
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
  } catch {
    return null;
  }
}
