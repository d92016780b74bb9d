import { opening, whole } from './pattern.ts';
import type { CauseRow } from './row.ts';

/** No connection was to be had: the server's slots, the role's limit, or denokv's own pool were used up. */
export const poolExhaustionCauses: readonly CauseRow[] = [
  {
    id: 'too_many_connections',
    category: 'pool_exhaustion',
    sqlstates: [{ code: '53300' }, { code: '08P01', message: /^no more connections allowed/ }],
    texts: [
      { pattern: whole('sorry, too many clients already'), sqlstate: '53300' },
      // Up to 15 "non-replication superuser connections", from 16 "roles with the SUPERUSER attribute" or "privileges of the ... role".
      { pattern: opening('remaining connection slots are reserved for '), sqlstate: '53300' },
      { pattern: whole('too many connections for (?:role|database) "[^"]*"'), sqlstate: '53300' },
      { pattern: opening('no more connections allowed'), sqlstate: '08P01' },
    ],
    clientTexts: [],
    transient: true,
    objects: [/too many connections for (?<scope>role|database) "(?<owner>[^"]*)"/],
    summary: 'Postgres has no connection left[ for {scope} {owner}], so denokv could not open one',
    remedies: [
      {
        do: 'Compare SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() with SHOW max_connections and with rolconnlimit and datconnlimit of the role and the database.',
        why: 'The lowest of these limits is the one that refused the connection.',
      },
      {
        do: 'List the holders: SELECT usename, application_name, state, count(*) FROM pg_stat_activity GROUP BY 1, 2, 3 ORDER BY 4 DESC.',
        why: 'Sessions that stay idle by the dozen point to an application that leaks connections.',
      },
      {
        do: 'Raise the limit that was hit (max_connections needs a restart; ALTER ROLE ... CONNECTION LIMIT does not) or make the pools that share the server smaller.',
        why: 'The sum of all pools must stay below the limit less the reserved slots.',
      },
      {
        do: 'Put a pooler such as PgBouncer between the clients and the server.',
        why: 'Many clients then share few server connections.',
      },
    ],
    fixture: 'max_connections',
  },
  {
    id: 'pool_timeout',
    category: 'pool_exhaustion',
    sqlstates: [{ code: '08P01', message: /^query_wait_timeout/ }],
    texts: [{ pattern: whole('query_wait_timeout'), sqlstate: '08P01' }],
    clientTexts: [
      { pattern: /^Timeout occurred while waiting for a slot to become available/ },
      // A slot was free but its connection did not come up or come back in time: the pool's limit, though the delay is the server's.
      { pattern: /^Timeout occurred while (?:creating a new|recycling an) object/, confidence: 0.85 },
    ],
    transient: true,
    objects: [/^Timeout occurred while (?<phase>.+)$/],
    summary: 'All connections of the pool were in use and none came free in time[ (it gave up while {phase})]',
    remedies: [
      {
        do: "Look for what holds the connections: SELECT pid, state, now() - xact_start AS open_for, query FROM pg_stat_activity WHERE usename = 'denokv' ORDER BY xact_start.",
        why: 'A pool runs dry when a few transactions stay open for long, more often than by sheer load.',
      },
      {
        do: 'Raise the maximum size of the pool, within max_connections of the server.',
        why: 'More requests than connections have to wait for one.',
      },
      {
        do: 'Shorten what waits on locks: look for "still waiting for" entries (log_lock_waits = on).',
        why: 'denokv takes the one row of data_version for every write, so a slow write keeps all others and their connections waiting.',
      },
    ],
    fixture: 'pool_timeout',
  },
  {
    id: 'pool_closed',
    category: 'pool_exhaustion',
    sqlstates: [],
    texts: [],
    clientTexts: [{ pattern: /^Pool has been closed/ }],
    transient: false,
    objects: [],
    summary: "denokv's connection pool was closed already, which happens while denokv is stopping",
    remedies: [
      {
        do: 'Check whether denokv was being stopped or restarted (journalctl -u denokv), and restart it if it still runs.',
        why: 'A closed pool never opens again in the same process.',
      },
    ],
    fixture: 'pool_closed',
  },
];
