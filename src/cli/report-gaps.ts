import type { Coverage, DenokvIdentity, SourceKind, SourceStatus, Verdict } from '../domain.ts';
import { formatCount } from './format.ts';

/** Below this the cited line is more a guess than an answer. */
const GUESS = 0.9;

/** What an analysis could not cover, one sentence each: the reader must be able to tell "nothing there" from "not read". Unescaped. */
export function listGaps(
  verdicts: readonly Verdict[],
  sources: readonly SourceStatus[],
  findings: readonly string[],
  backend: DenokvIdentity['backend'] | null = null,
): readonly string[] {
  // A finding about a file says better what its bare figures would.
  const gapsOfSources = sources.flatMap((source) => [
    ...(findings.some((finding) => finding.startsWith(source.path)) ? [] : illegible(source)),
    ...lostParts(source),
  ]);
  return [
    ...new Set([
      ...findings,
      ...missingKinds(sources, backend),
      ...gapsOfSources,
      ...gapsOfVerdicts(verdicts, backend),
    ]),
  ];
}

const MISSING: readonly (readonly [SourceKind, string])[] = [
  ['denokv', 'No denokv log was read: the 500s that it answered are not known.'],
  ['postgres', "No Postgres log was read: causes rest on denokv's own text, and no Postgres line can be named."],
];

function missingKinds(sources: readonly SourceStatus[], backend: DenokvIdentity['backend'] | null): readonly string[] {
  const isRead = (kind: SourceKind): boolean =>
    sources.some((source) => source.kind === kind && source.detection !== null);
  return MISSING.filter(([kind]) => !isRead(kind) && !(kind === 'postgres' && backend === 'sqlite')).map(
    ([, says]) => says,
  );
}

function illegible({ path, state, reason, hint, detection, counts }: SourceStatus): readonly string[] {
  if (state === 'failing' || detection === null) {
    return [`${path}: not read: ${reason ?? 'its format is not recognised'}${hint === null ? '' : ` (${hint})`}`];
  }
  if (counts.unrecognised === 0) return [];
  const example = counts.example === null ? '' : `, such as: ${counts.example.slice(0, 120)}`;
  return [`${path}: ${String(counts.unrecognised)} of ${formatCount(counts.lines, 'line')} not understood${example}`];
}

function lostParts({ path, gaps, counts }: SourceStatus): readonly string[] {
  const found: string[] = [];
  if (gaps > 0) found.push(`${path}: ${formatCount(gaps, 'gap')}, lines are missing there.`);
  if (counts.truncated > 0) found.push(`${path}: ${formatCount(counts.truncated, 'entry', 'entries')} cut short.`);
  return found;
}

const UNJOINED: Readonly<Record<Coverage, string>> = {
  complete:
    'Postgres wrote no entry for them that fits (usual for refused or lost connections and for errors of denokv itself)',
  gap: 'the Postgres log has a gap there',
  behind: 'the Postgres log ends before them',
  absent: 'no Postgres log covers them',
};

function gapsOfVerdicts(verdicts: readonly Verdict[], backend: DenokvIdentity['backend'] | null): readonly string[] {
  const found: string[] = [];
  const unknown = verdicts.filter((verdict) => verdict.cause.id === 'unknown').length;
  if (unknown > 0) found.push(`${formatCount(unknown, 'failure')} of unknown cause.`);
  // On SQLite there is no server whose log could hold a line: nothing is missing.
  const unjoined = backend === 'sqlite' ? [] : verdicts.filter((verdict) => verdict.postgres === null);
  for (const coverage of ['absent', 'behind', 'gap', 'complete'] as const) {
    const part = unjoined.filter((verdict) => verdict.coverage.postgres === coverage);
    if (part.length > 0) {
      found.push(
        `${formatCount(part.length, 'failure')} without a Postgres line: ${UNJOINED[coverage]}: ${causesOf(part)}.`,
      );
    }
  }
  const guessed = verdicts.filter(({ postgres }) => postgres !== null && postgres.confidence < GUESS).length;
  if (guessed > 0)
    found.push(
      `${formatCount(guessed, 'failure')} where several Postgres lines fit about as well: the cause stands, the very line is a guess.`,
    );
  const provisional = verdicts.filter((verdict) => !verdict.coverage.settled).length;
  if (provisional > 0)
    found.push(`${formatCount(provisional, 'verdict')} provisional: a log ends too soon after them.`);
  return found;
}

function causesOf(verdicts: readonly Verdict[]): string {
  const counts = new Map<string, number>();
  for (const { cause } of verdicts) counts.set(cause.id, (counts.get(cause.id) ?? 0) + 1);
  return [...counts]
    .sort(([, one], [, other]) => other - one)
    .map(([cause, count]) => `${String(count)} ${cause}`)
    .join(', ');
}
