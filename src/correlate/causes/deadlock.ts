import { whole } from './pattern.ts';
import type { CauseRow } from './row.ts';

/** Two or more transactions waited for each other and Postgres ended one of them. */
export const deadlockCauses: readonly CauseRow[] = [
  {
    id: 'deadlock',
    category: 'deadlock',
    sqlstates: [{ code: '40P01' }],
    texts: [{ pattern: whole('deadlock detected'), sqlstate: '40P01' }],
    clientTexts: [],
    transient: true,
    objects: [
      /Process (?<victim>\d+) waits for (?<lock>\w+) on (?<target>[^;\n]+); blocked by process (?<blocker>\d+)\./,
    ],
    summary:
      '{parties|Two or more} transactions waited for each other and Postgres ended this one[: process {victim} waited for {lock} on {target}, held by process {blocker}]',
    remedies: [
      {
        do: "Try the request again; the deadlock's entry in the Postgres log shows the other party's statement in its DETAIL.",
        why: 'A deadlock ends only one transaction, and the same work usually passes the second time.',
      },
      {
        do: 'Touch rows in one fixed order (sort the keys) in every application that writes to these tables, and keep transactions short.',
        why: 'A cycle needs two transactions that take the same locks in different orders.',
      },
      {
        do: 'Watch it live: SELECT pid, pg_blocking_pids(pid), query FROM pg_stat_activity WHERE cardinality(pg_blocking_pids(pid)) > 0, and SELECT * FROM pg_locks WHERE NOT granted.',
        why: 'Shows who blocks whom while the wait lasts.',
      },
      {
        do: 'Guard a section that cannot be ordered with pg_advisory_xact_lock.',
        why: 'One lock taken first turns the cycle into a queue.',
      },
    ],
    fixture: 'deadlock',
  },
];
