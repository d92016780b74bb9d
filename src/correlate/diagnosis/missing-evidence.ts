import type { Coverage, Remedy } from '../../domain.ts';
import type { Claim } from '../matching/claims.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { Matching } from '../matching/match.ts';

/** From here on a line is as good as proved, and nothing is missing for it. */
const SURE = 0.99;

/** What there was to answer a failure with. */
export interface Known {
  readonly claim: Claim;
  readonly matching: Matching | undefined;
  readonly diagnosis: Pick<Diagnosis, 'classification' | 'match' | 'wait'>;
  readonly coverage: Coverage;
}

/** Something that the logs did not tell, and the setting that makes them tell it. */
export interface Lack {
  readonly says: string;
  readonly help: Remedy;
}

interface LackRow extends Lack {
  readonly lacks: (known: Known) => boolean;
}

const PREFIX = "log_line_prefix = '%m [%p] %l %e %x %q%u@%d/%a ' in postgresql.conf, and reload.";

/** What makes a line doubtful, the most telling first. */
const OF_LINE: readonly LackRow[] = [
  {
    lacks: ({ claim: { body } }) => body.kind === 'bare',
    says: 'denokv does not say what Postgres told it: this build leaves the text out, so only time, session and operation speak',
    help: {
      do: 'Build denokv with tokio-postgres 0.7.14 (cargo update -p tokio-postgres --precise 0.7.14).',
      why: 'Its errors carry the message and the DETAIL of the server; from 0.7.15 on they say only "db error".',
    },
  },
  {
    lacks: ({ claim: { body } }) => body.kind === 'silent',
    says: 'denokv logged nothing of this 500, so only time and operation speak',
    help: {
      do: 'Set RUST_LOG=info for denokv, and use a build that logs its errors.',
      why: 'Each 500 then has a line with the text that Postgres sent.',
    },
  },
  {
    lacks: ({ matching }) => hasCandidate(matching, ({ entry }) => entry.at?.precision === 'second'),
    says: "Postgres stamps whole seconds: log_line_prefix = '%m [%p] %l %e %x %q%u@%d ' would tell entries of one second apart",
    help: { do: `Set ${PREFIX}`, why: '%m stamps milliseconds: entries of one second are told apart.' },
  },
  {
    lacks: ({ matching }) => hasCandidate(matching, ({ entry }) => entry.pid === null),
    says: "the log_line_prefix has no %p: without the backend's pid no session can be followed",
    help: { do: `Set ${PREFIX}`, why: "%p is the backend's pid: its session can be followed from entry to entry." },
  },
  {
    lacks: ({ claim: { body }, matching }) =>
      body.kind === 'server' &&
      body.error.detail !== null &&
      hasCandidate(matching, ({ entry }) => entry.detail === null),
    says: 'the Postgres log is terse: without DETAIL equal messages cannot be told apart by their keys',
    help: {
      do: 'Set log_error_verbosity = default in postgresql.conf, and reload.',
      why: 'The DETAIL names the key, the row or the processes; denokv was told it, and the log keeps it back.',
    },
  },
  {
    lacks: ({ matching }) =>
      hasCandidate(matching, ({ entry, ownership }) => entry.application === null && ownership.weight < 3),
    says: "nothing tells denokv's sessions from others: add ?application_name=denokv to its connection URL, and %a or %u@%d to log_line_prefix",
    help: {
      do: `Add ?application_name=denokv to denokv's connection URL, and set ${PREFIX}`,
      why: '%a names the application in each entry: no other program is taken for denokv.',
    },
  },
  {
    lacks: ({ claim: { interval } }) => interval !== null && interval.toUs - interval.fromUs >= 1_000_000,
    says: 'denokv stamps whole seconds: a proxy log with request ids, or journald in front of it, has a finer clock',
    help: {
      do: "Give whyd the access log of a proxy in front of denokv (nginx: $msec and $request_id), or denokv's log from journald.",
      why: 'Both stamp in milliseconds or finer what denokv stamps in seconds.',
    },
  },
];

/** What keeps the log from telling more, however sure the line is. */
const OF_LOG: readonly LackRow[] = [
  {
    lacks: ({ coverage }) => coverage === 'absent',
    says: "no Postgres log was read: only denokv's own words speak",
    help: {
      do: "Give whyd the Postgres log of the same time (a source of kind postgres, or the file's name after whyd analyze).",
      why: 'The entry there has the SQLSTATE, the statement and the session.',
    },
  },
  {
    lacks: ({ coverage, diagnosis: { match } }) => match === null && coverage === 'gap',
    says: 'the Postgres log has a gap at this time: its entry may have been there',
    help: {
      do: "Name the rotated files too (path: ['/var/log/postgresql/*.log*']), and set log_file_mode = 0640.",
      why: 'What was rotated away, or could not be read, is missed no more.',
    },
  },
];

const OF_WAIT: LackRow = {
  lacks: ({ diagnosis: { classification, match, wait } }) =>
    match !== null && wait === null && WAITING_CAUSES.has(classification.row.id),
  says: 'no entry shows what it waited for: waits shorter than deadlock_timeout are not logged, and none without log_lock_waits',
  help: {
    do: 'Set log_lock_waits = on, and deadlock_timeout below lock_timeout and statement_timeout.',
    why: 'Postgres then writes who waits for whom before the timeout ends the wait.',
  },
};
const WAITING_CAUSES: ReadonlySet<string> = new Set(['lock_timeout', 'statement_timeout']);

/** What was not available, the most telling first; empty where the line is proved and the log tells what lies behind it. */
export function lacksOf(known: Known): Lack[] {
  const best = known.matching?.matches[0];
  const isDoubtful = best !== undefined && best.probability < SURE;
  return [...OF_LOG, ...(isDoubtful ? OF_LINE : []), OF_WAIT].filter(({ lacks }) => lacks(known));
}

function hasCandidate(
  matching: Matching | undefined,
  test: (candidate: Matching['matches'][number]['candidate']) => boolean,
): boolean {
  return matching?.matches.some(({ candidate }) => test(candidate)) ?? false;
}
