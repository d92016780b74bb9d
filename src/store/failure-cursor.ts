import { EXIT, WhydError } from '../errors.ts';

/** A failure's place in the list: newest first, and within one moment the later line first. Inserts move no place. */
export interface FailurePlace {
  readonly orderUs: number;
  readonly byteStart: number;
  readonly id: string;
}

export function encodeCursor({ orderUs, byteStart, id }: FailurePlace): string {
  return Buffer.from(JSON.stringify([orderUs, byteStart, id])).toString('base64url');
}

/** @throws WhydError `query.bad_cursor` */
export function decodeCursor(cursor: string): FailurePlace {
  const [orderUs, byteStart, id] = partsOf(cursor);
  if (Number.isSafeInteger(orderUs) && Number.isSafeInteger(byteStart) && typeof id === 'string') {
    return { orderUs: Number(orderUs), byteStart: Number(byteStart), id };
  }
  throw new WhydError('query.bad_cursor', 'this cursor was not given out by whyd', {
    hint: 'begin again without a cursor',
    exitCode: EXIT.usage,
  });
}

function partsOf(cursor: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}
