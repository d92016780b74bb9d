import type { LogGap, SourceKind, SourceStatus } from '../domain.ts';

const NAMES: Readonly<Record<SourceKind, string>> = {
  denokv: "denokv's log",
  postgres: 'the Postgres log',
  proxy: "the proxy's log",
};
const NEEDED: readonly SourceKind[] = ['denokv', 'postgres'];
const MIB = 2 ** 20;

/** Why lines were lost, by the tailers' word for it; one that is not here is told as it is. */
const REASONS: Readonly<Record<string, string>> = {
  truncated: 'it was truncated before it was read to its end',
  rewritten: 'it was rewritten in place',
  replaced_while_stopped: 'it was replaced while whyd was not running',
  vacuumed: 'the journal threw entries away before they were read',
  suppressed: 'journald suppressed messages: its rate limit was reached',
  killed_while_receiving: 'whyd was killed while messages were on their way to it',
};

/**
 * What the logs that were read may lack, one sentence each: an answer of "no match" may be one of "no data".
 * @param gaps those that are told with both their ends
 */
export function coverageOf(sources: readonly SourceStatus[], gaps: readonly LogGap[]): readonly string[] {
  const absent = NEEDED.filter((kind) => !sources.some((source) => source.kind === kind));
  return [
    ...absent.map((kind) => `${NAMES[kind]} is not among the sources`),
    ...sources.flatMap((source) => lacksOf(source)),
    ...gaps.map(gapSentence),
    ...sources.flatMap((source) => untoldOf(source, gaps)),
  ];
}

function lacksOf({ path, state, reason, lagBytes, newestAt }: SourceStatus): readonly string[] {
  const says: string[] = [];
  if (state === 'failing') says.push(`${path} cannot be read${reason === null ? '' : `: ${reason}`}`);
  else if (state === 'waiting') says.push(`${path} is not being followed${reason === null ? '' : `: ${reason}`}`);
  if (lagBytes >= MIB)
    says.push(
      `${path} is read up to ${newestAt ?? 'no time yet'}: ${String(Math.ceil(lagBytes / MIB))} MiB are still to come`,
    );
  return says;
}

function gapSentence({ kind, path, from, to, reason }: LogGap): string {
  const begin = from === null ? 'from its beginning' : `from ${from}`;
  const end = to === null ? 'on, and nothing has been read since' : `to ${to}`;
  return `${NAMES[kind]} has a gap ${begin} ${end}: ${REASONS[reason] ?? reason} (${path})`;
}

/** Gaps that were counted and are not among those that are told. */
function untoldOf({ path, gaps }: SourceStatus, told: readonly LogGap[]): readonly string[] {
  const more = gaps - told.filter((gap) => gap.path === path).length;
  if (more <= 0) return [];
  const other = more < gaps ? 'other ' : '';
  return [
    `${path} has ${more === 1 ? `${other === '' ? 'a' : 'an'} ${other}gap` : `${String(more)} ${other}gaps`}: lines were lost before they could be read`,
  ];
}
