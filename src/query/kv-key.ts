/**
 * Deno KV's keys as bytes: parts one after another, each with its tag, in an order that compares bytewise as the keys do. Postgres shows them as
 * bytea (`\x0275736572730002616c69636500`); people know them as JSON (`["users","alice"]`).
 */
export type KvKeyPart = string | number | bigint | boolean | Uint8Array;

const TAG = { bytes: 0x01, string: 0x02, bigintZero: 0x14, double: 0x21, no: 0x26, yes: 0x27 } as const;
const LONG_NEGATIVE = 0x0b;
const LONG_POSITIVE = 0x1d;
const SHORT_BYTES = 8;

export function encodeKvKey(parts: readonly KvKeyPart[]): Buffer {
  return Buffer.concat(parts.map(encodePart));
}

function encodePart(part: KvKeyPart): Buffer {
  switch (typeof part) {
    case 'string':
      return escaped(TAG.string, Buffer.from(part, 'utf8'));
    case 'number':
      return encodeDouble(part);
    case 'bigint':
      return encodeBigint(part);
    case 'boolean':
      return Buffer.from([part ? TAG.yes : TAG.no]);
    default:
      return escaped(TAG.bytes, part);
  }
}

/** A zero byte inside is followed by ff, so that a bare zero can end the part. */
function escaped(tag: number, bytes: Uint8Array): Buffer {
  const out = [tag];
  for (const byte of bytes) {
    out.push(byte);
    if (byte === 0) out.push(0xff);
  }
  return Buffer.from([...out, 0]);
}

function encodeDouble(value: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = TAG.double;
  bytes.writeDoubleBE(value, 1);
  const first = bytes[1] ?? 0;
  if ((first & 0x80) === 0) bytes[1] = first ^ 0x80;
  else for (let at = 1; at < 9; at++) bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  return bytes;
}

function encodeBigint(value: bigint): Buffer {
  const magnitude = value < 0n ? -value : value;
  const hex = magnitude === 0n ? '' : magnitude.toString(16);
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  const { length } = bytes;
  if (value >= 0n) {
    const head = length <= SHORT_BYTES ? [TAG.bigintZero + length] : [LONG_POSITIVE, length];
    return Buffer.concat([Buffer.from(head), bytes]);
  }
  const head = length <= SHORT_BYTES ? [TAG.bigintZero - length] : [LONG_NEGATIVE, length ^ 0xff];
  return Buffer.concat([Buffer.from(head), inverted(bytes)]);
}

function inverted(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.map((byte) => byte ^ 0xff));
}

/** A part and where the next one begins. */
interface ReadPart {
  readonly part: KvKeyPart;
  readonly end: number;
}

/** The parts of a key's bytes; null when they are not a whole key. */
export function decodeKvKey(bytes: Uint8Array): readonly KvKeyPart[] | null {
  const parts: KvKeyPart[] = [];
  for (let at = 0; at < bytes.length;) {
    const read = readPart(bytes, at);
    if (read === null) return null;
    parts.push(read.part);
    at = read.end;
  }
  return parts;
}

function readPart(bytes: Uint8Array, at: number): ReadPart | null {
  const tag = bytes[at] ?? 0;
  if (tag === TAG.bytes || tag === TAG.string) return readEscaped(bytes, at, tag);
  if (tag === TAG.double) return readDouble(bytes, at + 1);
  if (tag === TAG.no || tag === TAG.yes) return { part: tag === TAG.yes, end: at + 1 };
  return readBigint(bytes, at, tag);
}

function readEscaped(bytes: Uint8Array, at: number, tag: number): ReadPart | null {
  const payload: number[] = [];
  for (let index = at + 1; index < bytes.length; index++) {
    const byte = bytes[index] ?? 0;
    if (byte === 0) {
      if (bytes[index + 1] !== 0xff) {
        const raw = Buffer.from(payload);
        return { part: tag === TAG.string ? raw.toString('utf8') : new Uint8Array(raw), end: index + 1 };
      }
      index++;
    }
    payload.push(byte);
  }
  return null;
}

function readDouble(bytes: Uint8Array, at: number): ReadPart | null {
  if (at + 8 > bytes.length) return null;
  const raw = Buffer.from(bytes.subarray(at, at + 8));
  const first = raw[0] ?? 0;
  const plain = (first & 0x80) === 0 ? inverted(raw) : raw;
  if ((first & 0x80) !== 0) plain[0] = first ^ 0x80;
  return { part: plain.readDoubleBE(0), end: at + 8 };
}

function readBigint(bytes: Uint8Array, at: number, tag: number): ReadPart | null {
  const isShort = tag >= TAG.bigintZero - SHORT_BYTES && tag <= TAG.bigintZero + SHORT_BYTES;
  if (!isShort && tag !== LONG_POSITIVE && tag !== LONG_NEGATIVE) return null;
  const isNegative = tag < TAG.bigintZero;
  const coded = bytes[at + 1] ?? 0;
  const length = isShort ? Math.abs(tag - TAG.bigintZero) : isNegative ? coded ^ 0xff : coded;
  const start = at + (isShort ? 1 : 2);
  if (start + length > bytes.length || (!isShort && length <= SHORT_BYTES)) return null;
  const raw = bytes.subarray(start, start + length);
  const magnitude = BigInt(`0x0${Buffer.from(isNegative ? inverted(raw) : raw).toString('hex')}`);
  return { part: isNegative ? -magnitude : magnitude, end: start + length };
}
