import { encodeUtf8 } from '../latin1.ts';
import type { PrefixToken } from './line-prefix.ts';

/** A number of a prefix that is another in each session or line, and the bytes between the field before it and its first digit. */
export interface PrefixNumber {
  readonly field: 'p' | 'l';
  readonly lead: string;
}

/** As many digits as Postgres prints at most. */
export const MAX_DIGITS: Readonly<Record<PrefixNumber['field'], number>> = { p: 10, l: 20 };

/** The numbers that stand right behind the first field, each between literals that tell where it begins and ends. */
export function numbersBehindFirst(tokens: readonly PrefixToken[]): PrefixNumber[] {
  const numbers: PrefixNumber[] = [];
  for (let at = 1; ; at += 2) {
    const [lead, number, behind] = tokens.slice(at, at + 3);
    if (lead?.kind !== 'literal' || number?.kind !== 'field' || number.padded || /\d$/.test(lead.text)) return numbers;
    if (behind !== undefined && (behind.kind !== 'literal' || /^\d/.test(behind.text))) return numbers;
    if (number.field !== 'p' && number.field !== 'l') return numbers;
    numbers.push({ field: number.field, lead: encodeUtf8(lead.text) });
  }
}
