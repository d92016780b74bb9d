import { isDeepStrictEqual } from 'node:util';
import type { Database } from 'better-sqlite3';
import type { Verdict } from '../domain.ts';
import { parseRfc3339 } from '../time/rfc3339.ts';
import { NEXT_SEQ } from './failure-seq.ts';
import { FACETS, facetWord } from './failure-words.ts';

/** Where a failure's symptom stands in the index. */
export interface SymptomPosition {
  readonly fileId: number;
  readonly byteStart: number;
}

/** What a save changed. A verdict may be in `fresh` or in `revised`, and in `settled` besides. */
export interface SavedVerdicts {
  readonly fresh: readonly Verdict[];
  readonly revised: readonly Verdict[];
  /** Those that became final with this save. */
  readonly settled: readonly Verdict[];
}

interface FailureRow {
  readonly verdict: string;
  readonly revision: number;
}

interface NewFailure {
  readonly id: string;
  readonly atUs: number | null;
  readonly orderUs: number;
  readonly byteStart: number;
  readonly fileId: number | null;
  readonly settled: number;
  readonly cause: string;
  readonly sqlstate: string | null;
  readonly operation: string | null;
  readonly certainty: string;
  readonly issue: string;
  readonly requestId: string | null;
  readonly entryByte: number | null;
  readonly facets: string;
  readonly search: string;
  readonly verdict: string;
  readonly savedMs: number;
}

/** Lower case as JavaScript has it: SQLite folds ASCII only, and logs are written in every language. */
export function foldCase(text: string): string {
  return text.toLowerCase();
}

function rowOf(verdict: Verdict, atMs: number, position: SymptomPosition | null): NewFailure {
  const { id, at, symptom, cause, postgres, operation, coverage, issue, requestId } = verdict;
  const atUs = at === null ? null : (parseRfc3339(at)?.us ?? null);
  return {
    id,
    atUs,
    orderUs: atUs ?? atMs * 1000,
    byteStart: position?.byteStart ?? symptom.byteStart,
    fileId: position?.fileId ?? null,
    settled: Number(coverage.settled),
    cause: cause.id,
    sqlstate: cause.sqlstate,
    operation,
    certainty: cause.certainty,
    issue,
    requestId,
    entryByte: postgres?.byteStart ?? null,
    facets: facetsOf(verdict),
    search: foldCase([symptom.text, postgres?.text ?? ''].join('\n')),
    verdict: JSON.stringify(verdict),
    savedMs: atMs,
  };
}

function facetsOf({ cause, operation, issue }: Verdict): string {
  const values = { cause: cause.id, operation, sqlstate: cause.sqlstate, certainty: cause.certainty, issue };
  const names = Object.keys(FACETS) as (keyof typeof FACETS)[];
  return names.flatMap((name) => (values[name] === null ? [] : [facetWord(name, values[name])])).join(' ');
}

/** Equal in all but whether it is final. */
function saysTheSame(a: Verdict, b: Verdict): boolean {
  const settled = true;
  return isDeepStrictEqual(
    { ...a, coverage: { ...a.coverage, settled } },
    { ...b, coverage: { ...b.coverage, settled } },
  );
}

/** Verdicts as they are now, and what revised ones said before. */
export class FailureTable {
  readonly #statements: ReturnType<typeof prepare>;
  #assigned: ReadonlyMap<string, string> = new Map();

  constructor(database: Database) {
    this.#statements = prepare(database);
  }

  /**
   * Puts failures under incidents, final ones too: an incident may show only when its first failures have long settled.
   * @param incidents by failure id; a round of the joiner tells all of its window again, so only what is new in it is written
   * @param fresh failures that were not stored before
   * @returns the incidents that have got a failure
   */
  assign(incidents: ReadonlyMap<string, string>, fresh: ReadonlySet<string>): ReadonlySet<string> {
    const grown = new Set<string>();
    for (const [failure, incident] of incidents) {
      if (this.#assigned.get(failure) === incident && !fresh.has(failure)) continue;
      if (this.#statements.assign.run({ failure, incident }).changes > 0) grown.add(incident);
    }
    return grown;
  }

  /** To be told once what was assigned is committed. */
  remember(incidents: ReadonlyMap<string, string>): void {
    this.#assigned = incidents;
  }

  /**
   * @param atMs wall clock of the save, milliseconds since the epoch
   */
  save(
    verdicts: readonly Verdict[],
    atMs: number,
    positions: ReadonlyMap<string, SymptomPosition> = new Map(),
  ): SavedVerdicts {
    const saved = { fresh: [] as Verdict[], revised: [] as Verdict[], settled: [] as Verdict[] };
    for (const verdict of verdicts) {
      const known = this.#statements.byId.get(verdict.id);
      // As it will be read back: an undefined field or a negative zero is no revision.
      const before = known === undefined ? null : (JSON.parse(known.verdict) as Verdict);
      const position = positions.get(verdict.id) ?? null;
      const becameFinal = verdict.coverage.settled;
      // Of one that is final already too: the same line may stand in a copy of its log.
      if (becameFinal && position !== null) this.#statements.closeSymptom.run(position.fileId, position.byteStart);
      // Final is final: a later window may hold less of what the verdict rested on.
      if (before?.coverage.settled === true) continue;
      const next = JSON.parse(JSON.stringify(verdict)) as Verdict;
      const revised = before !== null && !saysTheSame(before, next);
      if (known !== undefined && revised) {
        this.#statements.addRevision.run(verdict.id, known.revision, atMs, known.verdict);
      }
      if (known === undefined) saved.fresh.push(verdict);
      if (revised) saved.revised.push(verdict);
      if (becameFinal) saved.settled.push(verdict);
      const row = rowOf(verdict, atMs, position);
      this.#statements.upsert.run({ ...row, revision: (known?.revision ?? 0) + Number(revised) });
    }
    return saved;
  }

  /** What a failure's verdict said before, oldest first. */
  revisions(id: string): readonly Verdict[] {
    return this.#statements.revisions.all(id).map((row) => JSON.parse(row.verdict) as Verdict);
  }
}

function prepare(database: Database) {
  return {
    byId: database.prepare<[string], FailureRow>('SELECT verdict, revision FROM failures WHERE id = ?'),
    addRevision: database.prepare<[string, number, number, string]>(
      'INSERT INTO revisions (failure_id, revision, replaced_ms, verdict) VALUES (?, ?, ?, ?)',
    ),
    closeSymptom: database.prepare<[number, number]>('DELETE FROM open_symptoms WHERE file_id = ? AND byte_start = ?'),
    assign: database.prepare<[{ failure: string; incident: string }]>(
      'UPDATE failures SET incident = @incident WHERE id = @failure AND incident IS NOT @incident',
    ),
    revisions: database.prepare<[string], { verdict: string }>(
      'SELECT verdict FROM revisions WHERE failure_id = ? ORDER BY revision',
    ),
    upsert: database.prepare<[NewFailure & { revision: number }]>(
      `INSERT INTO failures (id, at_us, order_us, byte_start, symptom_file_id, settled, cause, sqlstate, operation,
         certainty, search, verdict, revision, saved_ms, issue, request_id, entry_byte, facets, seq)
       VALUES (@id, @atUs, @orderUs, @byteStart, @fileId, @settled, @cause, @sqlstate, @operation,
         @certainty, @search, @verdict, @revision, @savedMs, @issue, @requestId, @entryByte, @facets, ${NEXT_SEQ})
       ON CONFLICT (id) DO UPDATE SET
         at_us = excluded.at_us,
         order_us = coalesce(excluded.at_us, failures.order_us),
         byte_start = excluded.byte_start,
         symptom_file_id = coalesce(excluded.symptom_file_id, failures.symptom_file_id),
         settled = excluded.settled, cause = excluded.cause, sqlstate = excluded.sqlstate,
         operation = excluded.operation, certainty = excluded.certainty, search = excluded.search,
         verdict = excluded.verdict, revision = excluded.revision, saved_ms = excluded.saved_ms,
         issue = excluded.issue, request_id = excluded.request_id, entry_byte = excluded.entry_byte, facets = excluded.facets`,
    ),
  };
}
