import { parseMoment, type Clock } from './parse-time.ts';

const CLOCK_ONLY = /^\d{1,2}:\d{2}/;
const ISO_DATE = /^\d{4}-\d{2}-\d{2}/;
const PRINTED_ZONE = /(?:Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)$/i;
const SECOND_US = 1_000_000;
const MINUTE_US = 60 * SECOND_US;

/**
 * A time as a person here wrote it, in a form that means the same stretch of time everywhere: `14:03` becomes `2026-11-23T13:03Z`. Null when the
 * text is no time or needs no zone. A whole day keeps its date and gets the offset that it began with.
 */
export function toAbsoluteTime(text: string, clock: Clock): string | null {
  const trimmed = text.trim();
  const moment = parseMoment(trimmed, clock);
  if (moment === null || hasZone(trimmed)) return null;
  const iso = new Date(moment.startUs / 1_000).toISOString();
  const lengthUs = moment.endUs - moment.startUs;
  if (lengthUs > MINUTE_US) return trimmed + offsetAt(trimmed, moment.startUs);
  if (lengthUs === MINUTE_US) return `${iso.slice(0, 16)}Z`;
  if (lengthUs === SECOND_US) return `${iso.slice(0, 19)}Z`;
  const digits = Math.round(Math.log10(SECOND_US / lengthUs));
  return `${iso.slice(0, 19)}.${String(moment.startUs % SECOND_US)
    .padStart(6, '0')
    .slice(0, digits)}Z`;
}

function hasZone(text: string): boolean {
  if (CLOCK_ONLY.test(text)) return false;
  return ISO_DATE.test(text) && PRINTED_ZONE.test(text.slice('2026-11-23'.length));
}

/** How far the local date's midnight lies from UTC's, as `+01:00`. */
function offsetAt(date: string, startUs: number): string {
  const minutes = Math.round((Date.parse(`${date}T00:00:00Z`) * 1_000 - startUs) / MINUTE_US);
  const size = Math.abs(minutes);
  const clock = `${String(Math.floor(size / 60)).padStart(2, '0')}:${String(size % 60).padStart(2, '0')}`;
  return `${minutes < 0 ? '-' : '+'}${clock}`;
}
