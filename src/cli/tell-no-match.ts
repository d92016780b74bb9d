import { nearestWord } from '../config/nearest-word.ts';
import type { Verdict, WhyAnswer } from '../domain.ts';
import { parseMoment } from '../time/parse-time.ts';
import { formatUtc } from '../time/rfc3339.ts';
import type { KnownCauses } from './cause-option.ts';
import type { CliParts } from './cli-parts.ts';
import type { Client } from './client.ts';
import { escapeOnOneLine } from './escape.ts';
import { formatDay, formatSpan, formatTime } from './format.ts';
import { showCoverage } from './show-coverage.ts';
import { showReading } from './show-reading.ts';

interface Question {
  /** As it was typed. */
  readonly what: string;
  /** As it is told: quoted and, where it is a time, with the moment that it was taken for. */
  readonly shown: string;
}

const CLOCK_TIME = /^\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?$/;
const SHARED_ID = /^[in]_[0-9a-z]+$/i;
const ONE_WORD = /^[a-z_]{4,}$/i;

/** Where no failure fits: what was read, what that may lack, and what else to ask. */
export async function tellNoMatch(
  { what, shown }: Question,
  { sources, coverage }: WhyAnswer,
  client: Client,
  { terminal, clock }: CliParts,
  knownCauses: KnownCauses,
): Promise<void> {
  const { zone } = clock();
  terminal.err(`whyd: no failure matches ${shown}`);
  for (const line of showCoverage(coverage, { zone, limit: Infinity })) terminal.err(line);
  if (sources.length === 0) terminal.err('No log is being read, so there may well have been one.');
  else terminal.err('What was read:');
  for (const source of sources) terminal.err(showReading(source, { zone, columns: terminal.columns }));
  const startUs = parseMoment(what, clock())?.startUs ?? null;
  const before = startUs === null ? null : await newestBefore(startUs, client);
  if (before !== null && startUs !== null) {
    const { id, at, atPrecision } = before;
    const span = at === null ? '' : ` (${formatSpan(startUs / 1_000 - Date.parse(at))} earlier)`;
    terminal.err(`The last one before it, ${formatTime(at, atPrecision, zone)}${span}:`);
    terminal.err(`  whyd why ${escapeOnOneLine(id)}`);
  }
  const newest = sources.map(({ newestAt }) => newestAt ?? '').reduce((one, other) => (other > one ? other : one), '');
  const day = newest === '' ? null : formatDay(newest, zone);
  const hint = await hintTo(what.trim(), { isTime: startUs !== null, day, knownCauses });
  if (hint !== null) terminal.err(`hint: ${escapeOnOneLine(hint)}`);
}

async function newestBefore(us: number, client: Client): Promise<Verdict | null> {
  const { items } = await client.failures({ until: formatUtc(us), limit: '1' });
  return items[0] ?? null;
}

interface Known {
  readonly isTime: boolean;
  /** The day of what was read last. */
  readonly day: string | null;
  readonly knownCauses: KnownCauses;
}

/** What the question was probably meant to be. */
async function hintTo(what: string, { isTime, day, knownCauses }: Known): Promise<string | null> {
  if (CLOCK_TIME.test(what)) {
    if (!isTime) return `${what} is no time of day, so it was looked for in the errors' texts`;
    return day === null ? null : `a clock time is one of the last 24 hours; of another day: whyd why "${day} ${what}"`;
  }
  if (SHARED_ID.test(what))
    return 'the ids of issues and incidents are given whole: whyd issues and whyd incidents list them';
  // A shell takes the double quotes away where no single ones are around them.
  if (what.startsWith('['))
    return `a key is JSON in single quotes, such as '["users","alice"]'; it is found where a log line names it`;
  if (!ONE_WORD.test(what)) return null;
  const causes = await knownCauses();
  const nearest = causes.includes(what) ? null : nearestWord(what, causes);
  return nearest === null ? null : `did you mean ${nearest}?`;
}
