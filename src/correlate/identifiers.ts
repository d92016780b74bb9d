import { hash } from 'node:crypto';
import type { LogEvent } from '../domain.ts';
import { Memo } from '../memo.ts';

const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_DIGITS = 10;
const HASH_DIGITS = 12;

/**
 * The same line gets the same id however and whenever it is read: time first (ids sort by it), then a hash of what it says and of how many
 * equal lines of that time came before it. File names and offsets have no part in it: rotation changes them.
 */
export function failureId(event: LogEvent, text: string, ordinal: number): string {
  return `f_${timeDigits(event.at?.us ?? 0)}${hashDigits(['failure', text, String(event.at?.us ?? ''), String(ordinal)])}`;
}

export function droppedId(event: LogEvent, text: string, ordinal: number): string {
  return `d_${timeDigits(event.at?.us ?? 0)}${hashDigits(['dropped', text, String(ordinal)])}`;
}

/** An episode is known by its first attempt. */
export function episodeId(firstAttempt: string): string {
  return `e_${hashDigits(['episode', firstAttempt])}`;
}

/**
 * Of what every run finds alike: when its first line was printed, not when that was concluded to be, which another window tells finer or not at all.
 * @param kind what no two incidents of one time share
 */
export function incidentId(kind: string, printedUs: number): string {
  return `n_${timeDigits(printedUs)}${hashDigits(['incident', kind, String(printedUs)])}`;
}

/** Of which the failures of one issue have all in common. */
export interface IssueFingerprint {
  readonly cause: string;
  readonly sqlstate: string | null;
  readonly operation: string | null;
  /** The constraint, relation, column or function that it is about. */
  readonly object: string | null;
  readonly message: string;
}

/** The version stands in the hash: a fingerprint that is made otherwise gives other issues, and never silently mixes with the old ones. */
export function issueId({ cause, sqlstate, operation, object, message }: IssueFingerprint): string {
  // A storm's failures have few texts: what one of them has come to is not made again for the next.
  const about = `issue/2\0${cause}\0${sqlstate ?? ''}\0${operation ?? ''}\0${object ?? ''}\0`;
  return idsOfTexts.get(about + message, () =>
    issueIds.get(about + normalisedText(message), (text) => `i_${hashOf(text)}`),
  );
}

const idsOfTexts = new Memo<string>();
const issueIds = new Memo<string>();

/** Numbers and quoted values are what differs between failures of one issue, and whatever stands below the first line: a DETAIL holds this failure's key. */
export function normalisedText(message: string): string {
  return message
    .replace(/\n.*/s, '')
    .replace(/\d+/g, '0')
    .replace(/'[^']*'/g, "''")
    .replace(/\\x[0-9a-f]+/gi, '\\x')
    .slice(0, 300);
}

function timeDigits(us: number): string {
  let ms = Math.floor(us / 1000);
  let digits = '';
  for (let i = 0; i < TIME_DIGITS; i++) {
    digits = CROCKFORD.charAt(ms % 32) + digits;
    ms = Math.floor(ms / 32);
  }
  return digits;
}

function hashDigits(parts: readonly string[]): string {
  return hashOf(parts.join('\0'));
}

function hashOf(text: string): string {
  // A character a byte: a string is had for a third of what a buffer costs.
  const digest = hash('sha256', text, 'binary');
  let digits = '';
  for (let at = 0; at < HASH_DIGITS; at++) digits += CROCKFORD.charAt(digest.charCodeAt(at) & 31);
  return digits;
}
