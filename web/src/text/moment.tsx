import type { JSX } from 'preact';
import type { TimePrecision } from '../../../src/domain.ts';
import { usePreferences } from '../preferences.ts';
import { formatAgo } from './format.ts';
import { formatClock, formatDate, offsetName, zoneName } from './time.ts';

interface MomentProps {
  readonly at: string | null;
  readonly precision?: TimePrecision | null;
  /** `clock`: for rows of one day; `full`: with the date. */
  readonly form?: 'clock' | 'full';
}

/** A time in the zone that was chosen; its title has both zones. */
export function Moment({ at, precision = 'second', form = 'full' }: MomentProps): JSX.Element {
  const { zone } = usePreferences();
  if (at === null) return <span class="dim">no time</span>;
  const ms = Date.parse(at);
  const clock = formatClock(at, precision, zone);
  return (
    <time dateTime={at} title={bothZones(at, precision)}>
      {form === 'full' ? `${formatDate(ms, zone)} ${clock}` : clock}
    </time>
  );
}

/** A time in both zones, written out, for the page of one failure. */
export function MomentInBoth({ at, precision = 'second' }: MomentProps): JSX.Element {
  const { zone } = usePreferences();
  if (at === null) return <span class="dim">no time in the log</span>;
  const other = zone === 'utc' ? 'local' : 'utc';
  const ms = Date.parse(at);
  const isSame = offsetName(ms) === 'UTC';
  return (
    <time dateTime={at}>
      <b>
        {formatDate(ms, zone)} {formatClock(at, precision, zone)}
      </b>{' '}
      <span class="dim">
        {zoneName(zone, ms)}
        {!isSame && ` · ${formatClock(at, precision, other)} ${other === 'utc' ? 'UTC' : offsetName(ms)}`}
      </span>
    </time>
  );
}

export function Ago({ at, nowMs }: { readonly at: string | null; readonly nowMs: number }): JSX.Element | null {
  if (at === null) return null;
  return (
    <time dateTime={at} title={bothZones(at, 'second')}>
      {formatAgo(nowMs - Date.parse(at))}
    </time>
  );
}

function bothZones(at: string, precision: TimePrecision | null): string {
  const ms = Date.parse(at);
  const local = `${formatDate(ms, 'local')} ${formatClock(at, precision, 'local')} ${zoneName('local', ms)}`;
  const utc = `${formatDate(ms, 'utc')} ${formatClock(at, precision, 'utc')} UTC`;
  return offsetName(ms) === 'UTC' ? utc : `${local}\n${utc}`;
}
