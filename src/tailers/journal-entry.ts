/** What the tailer must know of one line of `journalctl -o json`; what it says is for the parsers. */
export interface JournalEntry {
  readonly cursor: string;
  /** How many messages journald threw away before this entry, by its rate limit; 0 for ordinary entries. */
  readonly dropped: number;
  /** It is of the unit itself, not of systemd about the unit. */
  readonly isOfUnit: boolean;
}

/** MESSAGE_ID of "Suppressed N messages from ...". */
const DROPPED_ID = 'a596d6fe7bfa4994828e72309e95d61e';
const SUPPRESSED = /^Suppressed (\d+) messages from /;

/** Null for a line that is no entry. `unit` has its suffix. */
export function readJournalEntry(line: Buffer, unit: string): JournalEntry | null {
  const fields = parseFields(line.toString('utf8'));
  const cursor = fields?.['__CURSOR'];
  if (fields === null || typeof cursor !== 'string') return null;
  return { cursor, dropped: droppedIn(fields), isOfUnit: isOfUnit(fields, unit) };
}

function droppedIn(fields: Readonly<Record<string, unknown>>): number {
  const message = fields['MESSAGE'];
  const suppressed = typeof message === 'string' ? SUPPRESSED.exec(message)?.[1] : undefined;
  const isNotice = fields['MESSAGE_ID'] === DROPPED_ID || fields['SYSLOG_IDENTIFIER'] === 'systemd-journald';
  if (!isNotice) return 0;
  return Number(fields['N_DROPPED'] ?? suppressed ?? 0);
}

function isOfUnit(fields: Readonly<Record<string, unknown>>, unit: string): boolean {
  const owner = fields['_SYSTEMD_UNIT'];
  if (fields['_PID'] === '1') return false;
  return owner === undefined || owner === unit;
}

function parseFields(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : null;
  } catch {
    return null;
  }
}
