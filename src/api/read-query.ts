import { EXIT, WhydError } from '../errors.ts';
import { parseMoment, parseSpanMs, type Clock } from '../time/parse-time.ts';
import { parseRfc3339 } from '../time/rfc3339.ts';
import type { RouteParts } from './app-parts.ts';

export const DEFAULT_LIMIT = 50;

interface PageQuery {
  readonly limit?: number;
  readonly cursor?: string;
}

export function pageOf({ limit, cursor }: PageQuery): { readonly limit: number; readonly cursor: string | null } {
  return { limit: limit ?? DEFAULT_LIMIT, cursor: cursor ?? null };
}

/** The parameters that bound a list in time, as a filter. @throws WhydError `request.bad_time` */
export function spanOf(
  { since, until }: { readonly since?: string; readonly until?: string },
  clock: Clock,
): { readonly sinceUs?: number; readonly untilUs?: number } {
  return {
    ...(since === undefined ? {} : { sinceUs: startOf('since', since, clock) }),
    ...(until === undefined ? {} : { untilUs: startOf('until', until, clock) }),
  };
}

function startOf(name: string, text: string, clock: Clock): number {
  const moment = parseMoment(text, clock);
  if (moment !== null && Number.isSafeInteger(moment.startUs)) return moment.startUs;
  throw new WhydError('request.bad_time', `${name}: this is not a time`, {
    hint: 'Write ISO 8601, a local clock time (14:03:12) or a span (15m).',
    exitCode: EXIT.usage,
  });
}

/** A whole moment with its zone, microseconds. @throws WhydError `request.bad_time` */
export function momentOf(name: string, text: string): number {
  const instant = parseRfc3339(text);
  if (instant !== null) return instant.us;
  throw new WhydError('request.bad_time', `${name}: this is not a time with its zone`, {
    hint: 'Write it like 2026-11-23T14:03:12Z.',
    exitCode: EXIT.usage,
  });
}

/** The longest span that a parameter takes. */
export interface LongestSpan {
  readonly ms: number;
  /** As it may be written. */
  readonly written: string;
}

/** @throws WhydError `request.bad_span` */
export function spanMsOf(name: string, text: string, longest: LongestSpan): number {
  const spanMs = parseSpanMs(text);
  if (spanMs !== null && spanMs > 0 && spanMs <= longest.ms) return spanMs;
  throw new WhydError('request.bad_span', `${name}: this is not a span of time of ${longest.written} at most`, {
    hint: 'Write a span such as 30s, 10m or 2h.',
    exitCode: EXIT.usage,
  });
}

/** A cause that does not exist would answer with an empty list, and look like good news. @throws WhydError `request.unknown_cause` */
export function causeOf(cause: string | undefined, misspelt: RouteParts['misspelt']): { readonly cause?: string } {
  if (cause === undefined) return {};
  const found = misspelt(cause);
  if (found === null) return { cause };
  throw new WhydError('request.unknown_cause', `cause: there is no cause of that name`, {
    hint:
      found.nearest === null
        ? 'The README and the OpenAPI document name the causes.'
        : `Did you mean ${found.nearest}?`,
    exitCode: EXIT.usage,
  });
}

/** What is looked for by its id. @throws WhydError with the given code */
export function found<Thing>(thing: Thing | null, what: string): Thing {
  if (thing !== null) return thing;
  throw new WhydError(`${what}.unknown`, `no ${what} has this id`, { exitCode: EXIT.noMatch });
}
