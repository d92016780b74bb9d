import type { DenokvIdentity, LogEvent, PostgresErrorEvent } from '../../domain.ts';
import type { EventDigest } from './facts.ts';

/** SQLSTATEs and words of errors that Postgres never reports without a DETAIL, unless it is told to be terse. */
const ALWAYS_DETAILED = /^(?:40P01|23505|23503|23502)$/;
const DETAILED_WORDS =
  /^deadlock detected$|^duplicate key value violates|^insert or update on table .* violates foreign key/;
const OF_DENOKV = /\b(?:kv_store|data_version|queue_messages|queue_running)\b/;

/** Counts what the checks ask about. */
export function digestOf(events: readonly LogEvent[]): EventDigest {
  let errors = 0;
  let denokvErrors = 0;
  let errorsWithStatement = 0;
  let withSqlstate = 0;
  let gaps = 0;
  let timed = 0;
  let coarse = 0;
  let startup: DenokvIdentity | null = null;
  const detailed = { expected: 0, found: 0 };
  for (const event of events) {
    if (event.at !== null) {
      timed++;
      if (event.at.precision === 'second') coarse++;
    }
    if (event.kind === 'gap') gaps++;
    if (event.kind === 'denokv_error') errors++;
    if (event.kind === 'denokv_note' && event.identity !== null) startup = event.identity;
    if (event.kind !== 'postgres_error') continue;
    errors++;
    if (event.sqlstate !== null) withSqlstate++;
    if (event.statement !== null) errorsWithStatement++;
    if (event.statement !== null && OF_DENOKV.test(event.statement)) denokvErrors++;
    if (!isAlwaysDetailed(event)) continue;
    detailed.expected++;
    if (event.detail !== null) detailed.found++;
  }
  const isCoarse = timed > 0 && coarse === timed;
  return {
    events: events.length,
    errors,
    isCoarse,
    startup,
    denokvErrors,
    errorsWithStatement,
    detailed,
    withSqlstate,
    gaps,
  };
}

function isAlwaysDetailed({ sqlstate, message }: PostgresErrorEvent): boolean {
  return sqlstate === null ? DETAILED_WORDS.test(message) : ALWAYS_DETAILED.test(sqlstate);
}
