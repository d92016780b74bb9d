import type { Coverage, DenokvIdentity, SourceKind, SourceStatus, Verdict } from '../domain.ts';
import { formatCount } from './format.ts';

/** Below this the cited line is more a guess than an answer. */
const GUESS = 0.9;

/** What an analysis could not cover, one sentence each: the reader must be able to tell "nothing there" from "not read". Unescaped. */
export function listGaps(
  verdicts: GapSums,
  sources: readonly SourceStatus[],
  findings: readonly string[],
  backend: DenokvIdentity['backend'] | null = null,
): readonly string[] {
  // A finding about a file says better what its bare figures would.
  const gapsOfSources = sources.flatMap((source) => [
    ...(findings.some((finding) => finding.startsWith(source.path)) ? [] : illegible(source)),
    ...lostParts(source),
  ]);
  return [...new Set([...findings, ...missingKinds(sources, backend), ...gapsOfSources, ...verdicts.list(backend)])];
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

/** What the answers leave open, counted failure by failure. */
export class GapSums {
  #unknown = 0;
  #guessed = 0;
  #provisional = 0;
  /** By coverage and cause. */
  readonly #unjoined = new Map<Coverage, Map<string, number>>();

  add({ cause, postgres, coverage }: Verdict): void {
    if (cause.id === 'unknown') this.#unknown += 1;
    if (postgres !== null && postgres.confidence < GUESS) this.#guessed += 1;
    if (!coverage.settled) this.#provisional += 1;
    if (postgres !== null) return;
    let byCause = this.#unjoined.get(coverage.postgres);
    if (byCause === undefined) this.#unjoined.set(coverage.postgres, (byCause = new Map<string, number>()));
    byCause.set(cause.id, (byCause.get(cause.id) ?? 0) + 1);
  }

  list(backend: DenokvIdentity['backend'] | null): readonly string[] {
    const found: string[] = [];
    if (this.#unknown > 0) found.push(`${formatCount(this.#unknown, 'failure')} of unknown cause.`);
    for (const coverage of ['absent', 'behind', 'gap', 'complete'] as const) {
      const causes = [...(this.#unjoined.get(coverage) ?? [])];
      // On SQLite there is no server whose log could hold a line: nothing is missing.
      if (backend === 'sqlite' || causes.length === 0) continue;
      const count = causes.reduce((sum, [, ofCause]) => sum + ofCause, 0);
      found.push(
        `${formatCount(count, 'failure')} without a Postgres line: ${UNJOINED[coverage]}: ${describeCauses(causes)}.`,
      );
    }
    if (this.#guessed > 0)
      found.push(
        `${formatCount(this.#guessed, 'failure')} where several Postgres lines fit about as well: the cause stands, the very line is a guess.`,
      );
    if (this.#provisional > 0)
      found.push(`${formatCount(this.#provisional, 'verdict')} provisional: a log ends too soon after them.`);
    return found;
  }
}

function describeCauses(causes: readonly (readonly [string, number])[]): string {
  return causes
    .toSorted(([, one], [, other]) => other - one)
    .map(([cause, count]) => `${String(count)} ${cause}`)
    .join(', ');
}
