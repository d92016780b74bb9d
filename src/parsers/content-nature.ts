/** What the first bytes of a file are; only text can be a log. */
export type ContentNature = 'text' | 'utf16' | 'binary';

const CONTROL = /[\0-\x08\x0e-\x1a\x1c-\x1f]/g;
const MAX_CONTROL_SHARE = 0.1;

/** @param head the first bytes of the file, as latin1; some hundreds are enough. */
export function natureOf(head: string): ContentNature {
  if (head.startsWith('\xff\xfe') || head.startsWith('\xfe\xff')) return 'utf16';
  const nuls = head.split('\0').length - 1;
  // Without a byte order mark: every second byte of Latin text is NUL.
  if (nuls > head.length * 0.4 && /^(?:[\t\n\r -~]\0|\0[\t\n\r -~]){8}/.test(head)) return 'utf16';
  const controls = head.match(CONTROL)?.length ?? 0;
  return controls > head.length * MAX_CONTROL_SHARE ? 'binary' : 'text';
}
