import { tzOffset } from '@date-fns/tz';
import type { ZoneOrigin } from '../domain.ts';
import { WhydError, EXIT } from '../errors.ts';
import { ABBREVIATION_MINUTES } from './abbreviations.ts';

const US_PER_MINUTE = 60_000_000;
const NUMERIC_OFFSET = /^([+-])(\d{2}):?(\d{2})?$/;

/** Turns the local times of one log into UTC. Offsets are in microseconds east of UTC. */
export interface ZoneResolver {
  /** `localUs` is the printed clock read as if it were UTC; `label` is the zone as printed ('' when none was). */
  resolve(localUs: number, label: string): { offsetUs: number; origin: ZoneOrigin };
}

/**
 * @param timezone an IANA name or a numeric offset (`Europe/Berlin`, `+05:45`) that overrides what the log prints; null to trust the log.
 */
export function createZoneResolver(timezone: string | null): ZoneResolver {
  return timezone === null ? new PrintedZone() : new ConfiguredZone(timezone);
}

/** Minutes east of UTC of a numeric offset such as `+05`, `-0330` or `+05:45`; null for anything else. */
export function parseNumericOffset(label: string): number | null {
  const match = NUMERIC_OFFSET.exec(label);
  if (!match) return null;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  return match[1] === '-' ? -minutes : minutes;
}

class PrintedZone implements ZoneResolver {
  readonly #known = new Map<string, { offsetUs: number; origin: ZoneOrigin }>();

  resolve(_localUs: number, label: string): { offsetUs: number; origin: ZoneOrigin } {
    let zone = this.#known.get(label);
    if (zone === undefined) {
      zone = readLabel(label);
      this.#known.set(label, zone);
    }
    return zone;
  }
}

function readLabel(label: string): { offsetUs: number; origin: ZoneOrigin } {
  const numeric = parseNumericOffset(label);
  if (numeric !== null) return { offsetUs: numeric * US_PER_MINUTE, origin: 'read' };
  if (label === 'UTC' || label === 'Z') return { offsetUs: 0, origin: 'read' };
  return { offsetUs: (ABBREVIATION_MINUTES.get(label) ?? 0) * US_PER_MINUTE, origin: 'inferred' };
}

class ConfiguredZone implements ZoneResolver {
  readonly #timezone: string;
  readonly #fixedMinutes: number | null;
  #cachedHour = Number.NaN;
  #cachedLabel = '';
  #cachedOffsetUs = 0;

  constructor(timezone: string) {
    this.#timezone = timezone;
    this.#fixedMinutes = parseNumericOffset(timezone);
    if (this.#fixedMinutes === null && Number.isNaN(tzOffset(timezone, new Date(0)))) {
      throw new WhydError('time.unknown_zone', `unknown time zone: ${timezone}`, {
        hint: 'give an IANA name such as Europe/Berlin, or an offset such as +02:00',
        exitCode: EXIT.usage,
      });
    }
  }

  resolve(localUs: number, label: string): { offsetUs: number; origin: ZoneOrigin } {
    if (this.#fixedMinutes !== null) return { offsetUs: this.#fixedMinutes * US_PER_MINUTE, origin: 'configured' };
    // Zone rules change on quarter hours at the finest, so one answer serves a quarter of an hour of lines.
    const quarter = Math.floor(localUs / (15 * US_PER_MINUTE));
    if (quarter !== this.#cachedHour || label !== this.#cachedLabel) {
      this.#cachedHour = quarter;
      this.#cachedLabel = label;
      this.#cachedOffsetUs = this.#offsetAt(localUs, label) * US_PER_MINUTE;
    }
    return { offsetUs: this.#cachedOffsetUs, origin: 'configured' };
  }

  /** In the hour that a clock change repeats, both offsets fit; the printed abbreviation, when it is a known one, picks. */
  #offsetAt(localUs: number, label: string): number {
    const candidates = [-1, 1]
      .map((side) => this.#offsetMinutes(localUs / 1000 + side * 86_400_000))
      .filter((minutes) => this.#offsetMinutes(localUs / 1000 - minutes * 60_000) === minutes);
    const printed = parseNumericOffset(label) ?? ABBREVIATION_MINUTES.get(label);
    if (printed !== undefined && candidates.includes(printed)) return printed;
    return candidates[0] ?? this.#offsetMinutes(localUs / 1000);
  }

  #offsetMinutes(utcMs: number): number {
    return tzOffset(this.#timezone, new Date(utcMs));
  }
}
