import { both, either, i32, i64, type Code } from './wasm.ts';

export const LF = 10;
export const TAB = 9;

/** Whether the bytes at an address (cheap to compute: it is computed for each piece) are this text; eight at a time, then four, then one. */
export function isText(address: Code, text: string): Code {
  const bytes = Buffer.from(text, 'latin1');
  const pieces: Code[] = [];
  for (let at = 0; at < bytes.length;) {
    if (bytes.length - at >= 8) {
      pieces.push(i64.eq(i64.load(address, at), i64.const(bytes.readBigInt64LE(at))));
      at += 8;
    } else if (bytes.length - at >= 4) {
      pieces.push(i32.eq(i32.load(address, at), i32.const(bytes.readInt32LE(at))));
      at += 4;
    } else {
      pieces.push(i32.eq(i32.load8(address, at), i32.const(bytes.readUInt8(at))));
      at += 1;
    }
  }
  return pieces.reduceRight((rest, piece) => both(piece, rest));
}

export function isDigit(byte: Code): Code {
  return i32.lessU(i32.sub(byte, i32.const(48)), i32.const(10));
}

export function isLetter(byte: Code): Code {
  return either(
    i32.lessU(i32.sub(i32.or(byte, i32.const(32)), i32.const(97)), i32.const(26)),
    i32.lessU(i32.const(127), byte),
  );
}
