import { EXIT, WhydError } from '../errors.ts';

/** A failure's place in the list: newest first, and within one moment the later line first. Inserts move no place. */
export interface FailurePlace {
  readonly orderUs: number;
  readonly byteStart: number;
  readonly id: string;
}

/** The first part of a cursor of a list that words were looked for in; its place is a number past 2^53. */
const WORDS = 'w';

export function encodeCursor({ orderUs, byteStart, id }: FailurePlace): string {
  return encodeParts([orderUs, byteStart, id]);
}

/** @throws WhydError `query.bad_cursor` */
export function decodeCursor(cursor: string): FailurePlace {
  const [orderUs, byteStart, id] = decodeParts(cursor);
  if (Number.isSafeInteger(orderUs) && Number.isSafeInteger(byteStart) && typeof id === 'string') {
    return { orderUs: Number(orderUs), byteStart: Number(byteStart), id };
  }
  throw badCursor();
}

export function encodeWordCursor(seq: string): string {
  return encodeParts([WORDS, seq]);
}

/** @throws WhydError `query.bad_cursor` */
export function decodeWordCursor(cursor: string): bigint {
  const [kind, seq] = decodeParts(cursor);
  if (kind === WORDS && typeof seq === 'string' && /^\d{1,18}$|^[0-8]\d{18}$/.test(seq)) return BigInt(seq);
  throw badCursor();
}

/** A cursor is the place of a page's last item, as JSON that nobody needs to read. */
export function encodeParts(parts: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** The parts of a cursor; none where it is not one. */
export function decodeParts(cursor: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}

/** The place in a list that is ordered by a time and a text: [microseconds, id]. @throws WhydError `query.bad_cursor` */
export function decodePlace(cursor: string): { readonly us: number; readonly id: string } {
  const [us, id] = decodeParts(cursor);
  if (Number.isSafeInteger(us) && typeof id === 'string') return { us: Number(us), id };
  throw badCursor();
}

export function badCursor(): WhydError {
  return new WhydError('query.bad_cursor', 'this cursor was not given out by whyd for such a list', {
    hint: 'begin again without a cursor',
    exitCode: EXIT.usage,
  });
}
