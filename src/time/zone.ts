import { tzOffset } from '@date-fns/tz/tzOffset';
import type { ZoneOrigin } from '../domain.ts';
import { WhydError, EXIT } from '../errors.ts';
import { ABBREVIATION_ZONES } from './abbreviations.ts';

const US_PER_MINUTE = 60_000_000;
const DAY_MS = 86_400_000;
const NUMERIC_OFFSET = /^([+-])(\d{2}):?(\d{2})?$/;
/** Backends write some seconds out of order; a clock that steps back by more than this has been put back. */
const DISORDER_US = 5 * US_PER_MINUTE;
/** Labels come from the log: a broken one must not fill the memory. */
const MAX_LABELS = 64;

export interface ZoneOffset {
  /** Microseconds east of UTC. */
  readonly offsetUs: number;
  readonly origin: ZoneOrigin;
}

/** Turns the local times of one log into UTC. */
export interface ZoneResolver {
  /** `localUs` is the printed clock read as if it were UTC; `label` is the zone as printed ('' when none was). */
  resolve(localUs: number, label: string): ZoneOffset;
}

/**
 * @param timezone an IANA name or a numeric offset (`Europe/Berlin`, `+05:45`) that overrides what the log prints; null to trust the log.
 * One resolver serves one log: in the hour that a clock change repeats, the order of its lines tells the passes apart.
 */
export function createZoneResolver(timezone: string | null): ZoneResolver {
  if (timezone === null) return new PrintedZone();
  const minutes = parseNumericOffset(timezone);
  return minutes === null ? new ConfiguredZone(timezone) : new FixedZone(minutes);
}

/** Minutes east of UTC of a numeric offset such as `+05`, `-0330`, `+05:45` or `<-03>`; null for anything else. */
export function parseNumericOffset(label: string): number | null {
  const match = NUMERIC_OFFSET.exec(label.startsWith('<') && label.endsWith('>') ? label.slice(1, -1) : label);
  if (!match) return null;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  if (minutes > 16 * 60 || Number(match[3] ?? 0) > 59) return null;
  return match[1] === '-' && minutes > 0 ? -minutes : minutes;
}

class FixedZone implements ZoneResolver {
  readonly #offset: ZoneOffset;

  constructor(minutes: number) {
    this.#offset = { offsetUs: minutes * US_PER_MINUTE, origin: 'configured' };
  }

  resolve(): ZoneOffset {
    return this.#offset;
  }
}

/** Offsets as printed; abbreviations by the table, and then the zone counts as inferred: POSIX `GMT+3` prints `GMT`. */
class PrintedZone implements ZoneResolver {
  readonly #known = new Map<string, ZoneOffset>();
  #history: { readonly label: string; readonly zone: CivilZone } | null = null;

  resolve(localUs: number, label: string): ZoneOffset {
    const known = this.#known.get(label);
    if (known !== undefined) return known;
    const listed = ABBREVIATION_ZONES.get(label);
    if (typeof listed === 'string') {
      if (this.#history?.label !== label) this.#history = { label, zone: new CivilZone(listed) };
      return { offsetUs: this.#history.zone.offsetUs(localUs, label), origin: 'inferred' };
    }
    const offset = readLabel(label, listed);
    if (this.#known.size < MAX_LABELS) this.#known.set(label, offset);
    return offset;
  }
}

function readLabel(label: string, listedMinutes: number | undefined): ZoneOffset {
  const numeric = parseNumericOffset(label);
  if (numeric !== null) return { offsetUs: numeric * US_PER_MINUTE, origin: 'read' };
  if (label === 'UTC' || label === 'Z') return { offsetUs: 0, origin: 'read' };
  return { offsetUs: (listedMinutes ?? 0) * US_PER_MINUTE, origin: 'inferred' };
}

class ConfiguredZone implements ZoneResolver {
  readonly #zone: CivilZone;

  constructor(timezone: string) {
    if (Number.isNaN(tzOffset(timezone, new Date(0)))) {
      throw new WhydError('time.unknown_zone', `unknown time zone: ${timezone}`, {
        hint: 'give an IANA name such as Europe/Berlin, or an offset such as +02:00',
        exitCode: EXIT.usage,
      });
    }
    this.#zone = new CivilZone(timezone);
  }

  resolve(localUs: number, label: string): ZoneOffset {
    return { offsetUs: this.#zone.offsetUs(localUs, label), origin: 'configured' };
  }
}

/** A zone with a history: offsets of its local times, the repeated hour of a clock change included. */
class CivilZone {
  readonly #timezone: string;
  /** Which offset a label stood for where only one was possible. */
  readonly #learnt = new Map<string, number>();
  #quarter = Number.NaN;
  #candidates: readonly number[] = [];
  #lastUs = Number.NEGATIVE_INFINITY;

  constructor(timezone: string) {
    this.#timezone = timezone;
  }

  offsetUs(localUs: number, label: string): number {
    // Zone rules change on quarter hours at the finest, so one lookup serves a quarter of an hour of lines.
    const quarter = Math.floor(localUs / (15 * US_PER_MINUTE));
    if (quarter !== this.#quarter) {
      this.#quarter = quarter;
      this.#candidates = this.#offsetsAt(localUs);
    }
    const minutes = this.#candidates.length === 1 ? this.#learn(label) : this.#choose(localUs, label);
    this.#lastUs = localUs - minutes * US_PER_MINUTE;
    return minutes * US_PER_MINUTE;
  }

  /** Offsets under which the zone's clock shows this time: two in a repeated hour, first pass first; in a skipped hour the one before it. */
  #offsetsAt(localUs: number): readonly number[] {
    const localMs = localUs / 1000;
    const before = this.#minutesAt(localMs - DAY_MS);
    const after = this.#minutesAt(localMs + DAY_MS);
    const fitting = [...new Set([before, after])].filter(
      (minutes) => this.#minutesAt(localMs - minutes * 60_000) === minutes,
    );
    return fitting.length > 0 ? fitting : [before];
  }

  #learn(label: string): number {
    const minutes = this.#candidates[0] ?? 0;
    if (label !== '' && this.#learnt.size < MAX_LABELS) this.#learnt.set(label, minutes);
    return minutes;
  }

  #choose(localUs: number, label: string): number {
    const [first = 0, second = first] = this.#candidates;
    const listed = ABBREVIATION_ZONES.get(label);
    const named =
      parseNumericOffset(label) ?? this.#learnt.get(label) ?? (typeof listed === 'number' ? listed : undefined);
    if (named === first || named === second) return named;
    if (label !== '') {
      // A label that is not the one of the first pass is the other's.
      const known = [...this.#learnt.values()];
      if (known.includes(first) && !known.includes(second)) return second;
      if (known.includes(second) && !known.includes(first)) return first;
    }
    return localUs - first * US_PER_MINUTE >= this.#lastUs - DISORDER_US ? first : second;
  }

  #minutesAt(utcMs: number): number {
    return tzOffset(this.#timezone, new Date(utcMs));
  }
}
