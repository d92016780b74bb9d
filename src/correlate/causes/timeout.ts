import type { Remedy } from '../../domain.ts';
import { opening, whole } from './pattern.ts';
import type { CauseRow } from './row.ts';

/** Each of these settings can come from five places, and the last one to speak wins. */
function findSetting(setting: string): Remedy {
  return {
    do: `Find where ${setting} is set: SHOW ${setting}; SELECT * FROM pg_db_role_setting; the options part of denokv's connection URL; postgresql.conf.`,
    why: 'A value for the role or the database overrides the server-wide one.',
  };
}

const seeHolder: Remedy = {
  do: 'See who holds the lock: SELECT pid, pg_blocking_pids(pid), state, query FROM pg_stat_activity; end an abandoned holder with SELECT pg_terminate_backend(pid).',
  why: 'The wait ends as soon as the holder commits, rolls back or goes away.',
};

const logLockWaits: Remedy = {
  do: 'Set log_lock_waits = on, and keep deadlock_timeout below the timeout that fired.',
  why: 'Only then does the log name the holder of the lock before the statement is given up.',
};

const splitWork: Remedy = {
  do: 'Split large transactions, and keep waiting for users or other services outside of them.',
  why: 'denokv locks one row of data_version for every write, so each long transaction delays all others.',
};

/** A limit on time fired, in the server or by somebody's hand. */
export const timeoutCauses: readonly CauseRow[] = [
  {
    id: 'statement_timeout',
    category: 'timeout',
    // Takes the 57014 in other languages too: of those that an application meets, the timeout is the common one.
    sqlstates: [{ code: '57014' }],
    texts: [{ pattern: whole('canceling statement due to statement timeout'), sqlstate: '57014' }],
    clientTexts: [],
    transient: true,
    objects: [],
    summary: 'The statement ran longer than statement_timeout allows and Postgres cancelled it',
    remedies: [
      seeHolder,
      findSetting('statement_timeout'),
      {
        do: 'If nothing was locked, look at the statement: EXPLAIN (ANALYZE, BUFFERS), triggers on kv_store, ANALYZE kv_store, index use in pg_stat_user_indexes.',
        why: "denokv's statements are short; a slow one lacks an index or fresh statistics, or runs somebody's trigger.",
      },
      splitWork,
    ],
    fixture: 'statement_timeout_lock',
  },
  {
    id: 'query_canceled',
    category: 'timeout',
    sqlstates: [
      { code: '57014', message: /user request|Benutzeraufforderung|l'utilisateur|del usuario|ユーザー?からの要求/ },
    ],
    texts: [{ pattern: whole('canceling statement due to user request'), sqlstate: '57014' }],
    clientTexts: [{ pattern: /^interrupted(?: in |$)/ }],
    transient: true,
    objects: [],
    summary: 'Somebody cancelled the statement by hand or by a tool (pg_cancel_backend or a cancel request)',
    remedies: [
      {
        do: 'Ask who called pg_cancel_backend: search the Postgres log for it (log_statement = all or pgaudit) and the crontab for a script that cancels long statements.',
        why: 'Postgres does not log who sent a cancel request.',
      },
      {
        do: 'Try the request again.',
        why: 'Nothing was wrong with the statement itself.',
      },
    ],
    fixture: 'cancel_backend',
  },
  {
    id: 'auth_timeout',
    category: 'timeout',
    sqlstates: [{ code: '57014', message: /authentication/ }],
    texts: [{ pattern: opening('canceling authentication due to timeout'), sqlstate: '57014' }],
    clientTexts: [],
    transient: true,
    objects: [],
    summary: 'A new connection did not finish signing in within authentication_timeout',
    remedies: [
      {
        do: 'Check the load of the host and the network to it, and any outside service that pg_hba.conf asks (LDAP, RADIUS, PAM).',
        why: 'Signing in takes milliseconds unless one of these stalls.',
      },
      findSetting('authentication_timeout'),
    ],
    fixture: 'auth_timeout',
  },
  {
    id: 'lock_timeout',
    category: 'timeout',
    // Takes the 55P03 in other languages too: denokv never says NOWAIT.
    sqlstates: [{ code: '55P03' }],
    texts: [{ pattern: whole('canceling statement due to lock timeout'), sqlstate: '55P03' }],
    // SQLite waits busy_timeout for its one writer.
    clientTexts: [{ pattern: /^database (?:table )?is locked/ }],
    transient: true,
    objects: [/in relation "(?<relation>[^"]*)"/],
    summary: 'The statement waited for a lock[ on {relation}] longer than lock_timeout allows',
    remedies: [seeHolder, logLockWaits, findSetting('lock_timeout'), splitWork],
    fixture: 'lock_timeout',
  },
  {
    id: 'lock_not_available',
    category: 'timeout',
    sqlstates: [{ code: '55P03', message: /^could not obtain lock on / }],
    texts: [{ pattern: opening('could not obtain lock on '), sqlstate: '55P03' }],
    clientTexts: [],
    transient: true,
    objects: [/^could not obtain lock on (?:row in )?relation "(?<relation>[^"]*)"/],
    summary: 'A lock[ on {relation}] was taken and the statement had said NOWAIT',
    remedies: [
      seeHolder,
      {
        do: 'Find the trigger, function or tool that says NOWAIT.',
        why: "denokv's own statements never do.",
      },
    ],
    fixture: 'lock_nowait',
  },
  {
    id: 'idle_in_transaction_timeout',
    category: 'timeout',
    sqlstates: [{ code: '25P03' }],
    texts: [{ pattern: whole('terminating connection due to idle-in-transaction timeout'), sqlstate: '25P03' }],
    clientTexts: [],
    transient: true,
    objects: [],
    summary:
      'A transaction stayed open without work longer than idle_in_transaction_session_timeout, and Postgres closed its connection',
    remedies: [
      {
        do: 'Look for what stalled denokv between two statements: CPU, memory and swap of its host, a paused container.',
        why: 'denokv never waits on purpose inside a transaction.',
      },
      findSetting('idle_in_transaction_session_timeout'),
    ],
    fixture: 'idle_in_transaction',
  },
  {
    id: 'transaction_timeout',
    category: 'timeout',
    sqlstates: [{ code: '25P04' }],
    texts: [{ pattern: whole('terminating connection due to transaction timeout'), sqlstate: '25P04' }],
    clientTexts: [],
    transient: true,
    objects: [],
    summary:
      'The transaction as a whole ran longer than transaction_timeout (Postgres 17 and later) and its connection was closed',
    remedies: [findSetting('transaction_timeout'), seeHolder, splitWork],
    fixture: 'transaction_timeout',
  },
  {
    id: 'idle_session_timeout',
    category: 'timeout',
    sqlstates: [{ code: '57P05' }],
    texts: [{ pattern: whole('terminating connection due to idle-session timeout'), sqlstate: '57P05' }],
    clientTexts: [],
    transient: true,
    objects: [],
    summary: 'A pooled connection was idle longer than idle_session_timeout and Postgres closed it',
    remedies: [
      {
        do: 'Switch it off for denokv: ALTER ROLE denokv SET idle_session_timeout = 0.',
        why: 'A pool keeps idle connections on purpose, and the next request to take a closed one fails.',
      },
      findSetting('idle_session_timeout'),
    ],
    fixture: 'idle_session',
  },
];
