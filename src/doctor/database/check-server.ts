import { listed, ok, problem, unseen, type Finding } from '../finding.ts';
import { sayMs } from './duration.ts';
import { effective } from './effective.ts';
import type { DatabaseFacts, Session } from './facts.ts';
import { changeSetting, quoteName } from './sql.ts';

/** The server as a whole: version, connections, who waits and who idles. */
export function checkServer(facts: DatabaseFacts): readonly Finding[] {
  return [
    checkVersion(facts),
    checkConnections(facts),
    checkLimits(facts),
    checkBlocked(facts),
    checkIdleTransactions(facts),
    checkLongTransactions(facts),
  ];
}

const OLDEST = 12;
const NEWEST = 18;

function checkVersion({ server }: DatabaseFacts): Finding {
  const check = 'postgres.version';
  const major = Math.floor(server.versionNumber / 10_000);
  if (major >= OLDEST && major <= NEWEST) return ok(check, `Postgres ${server.version}`);
  return problem(check, {
    says: `Postgres ${server.version}`,
    why: `whyd knows the log of Postgres ${String(OLDEST)} to ${String(NEWEST)}: messages of this one may not be understood`,
    change: [major < OLDEST ? '# upgrade Postgres' : '# look for a newer whyd'],
  });
}

const BUSY_SHARE = 0.8;

function checkConnections(facts: DatabaseFacts): Finding {
  const check = 'postgres.max_connections';
  const limit = effective(facts, 'max_connections');
  if (!limit.isSeen) return unseen(check, limit.reason);
  if (!facts.sessions.isSeen) return unseen(check, `sessions cannot be seen: ${facts.sessions.reason}`);
  const reserved = numberOf(facts, 'superuser_reserved_connections') + numberOf(facts, 'reserved_connections');
  const free = Number(limit.value.value) - reserved;
  // The doctor's own.
  const used = facts.sessions.value.length + 1;
  const says = `${String(used)} of ${String(free)} connections are in use (${limit.value.value}, ${String(reserved)} of them reserved)`;
  if (used < free * BUSY_SHARE) return ok(check, says);
  return problem(check, {
    says,
    why: 'once they are all in use, connections are refused with 53300 (too_many_connections)',
    change: [
      ...changeSetting(limit.value, String(Number(limit.value.value) * 2)),
      `# or find who holds them: SELECT usename, application_name, state, count(*) FROM pg_stat_activity GROUP BY 1, 2, 3 ORDER BY 4 DESC;`,
    ],
  });
}

function numberOf(facts: DatabaseFacts, name: string): number {
  const setting = facts.settings.isSeen ? facts.settings.value.get(name) : undefined;
  return setting === undefined ? 0 : Number(setting.value);
}

/** Limits that a role or a database has for itself. */
function checkLimits({ limits, sessions, denokv }: DatabaseFacts): Finding {
  const check = 'postgres.connection_limits';
  if (!limits.isSeen) return unseen(check, limits.reason);
  if (!sessions.isSeen) return unseen(check, `sessions cannot be seen: ${sessions.reason}`);
  const { role, database } = denokv;
  const tight = [
    {
      what: `role ${role ?? ''}`,
      limit: limits.value.role,
      used: sessions.value.filter(({ user }) => user === role).length,
      change: `ALTER ROLE ${quoteName(role ?? '')} CONNECTION LIMIT -1;`,
    },
    {
      what: `database ${database}`,
      limit: limits.value.database,
      used: sessions.value.filter((one) => one.database === database).length,
      change: `ALTER DATABASE ${quoteName(database)} CONNECTION LIMIT -1;`,
    },
  ].filter(({ limit, used }) => limit !== null && used >= limit * BUSY_SHARE);
  if (tight.length === 0) return ok(check, 'no limit of the role or the database is near');
  return problem(check, {
    says: tight
      .map(({ what, limit, used }) => `${what} has ${String(used)} of ${String(limit)} connections`)
      .join('; '),
    why: 'past it, connections are refused with 53300 (too_many_connections)',
    change: tight.map(({ change }) => change),
  });
}

function checkBlocked({ blocked, sessions }: DatabaseFacts): Finding {
  const check = 'postgres.blocked_sessions';
  if (!blocked.isSeen) return unseen(check, `locks cannot be seen: ${blocked.reason}`);
  if (blocked.value.length === 0) return ok(check, 'no session waits for a lock');
  // Who is blocked by nobody, but blocks, is the head of the queue.
  const waiting = new Set(blocked.value.map(({ pid }) => pid));
  const heads = [...new Set(blocked.value.flatMap(({ by }) => by))].filter((pid) => pid > 0 && !waiting.has(pid));
  const all = sessions.isSeen ? sessions.value : [];
  const holders = heads.map((pid) =>
    sayWho(
      pid,
      all.find((one) => one.pid === pid),
    ),
  );
  const waits = blocked.value.map(({ pid, by }) => `${String(pid)} for ${by.map(String).join(' and ')}`);
  return problem(check, {
    says: `sessions wait for locks just now: ${listed(waits)}; held by ${holders.length === 0 ? 'each other' : listed(holders)}`,
    why: 'requests behind them wait too, and fail once a timeout ends them',
    change: heads
      .slice(0, 5)
      .map((pid) => `SELECT pg_terminate_backend(${String(pid)}); -- or let it end its transaction`),
  });
}

function sayWho(pid: number, session: Session | undefined): string {
  const who = session === undefined ? [] : [session.user, session.application, session.state];
  const known = who.filter((part) => part !== null && part !== '');
  return known.length === 0 ? `pid ${String(pid)}` : `pid ${String(pid)} (${known.join(', ')})`;
}

const LONG_IDLE_MS = 10_000;
const LONG_TRANSACTION_MS = 60_000;

function checkIdleTransactions(facts: DatabaseFacts): Finding {
  return checkTransactions(facts, 'postgres.idle_in_transaction', {
    isOne: ({ state, stateMs }) => state?.startsWith('idle in transaction') === true && (stateMs ?? 0) >= LONG_IDLE_MS,
    says: 'sessions hold a transaction open and do nothing',
    none: 'no session idles in a transaction',
    why: 'they keep their locks, which writes of denokv wait for, and keep dead rows from being cleaned away',
    prevent: `ALTER SYSTEM SET idle_in_transaction_session_timeout = '60s'; SELECT pg_reload_conf();`,
  });
}

function checkLongTransactions(facts: DatabaseFacts): Finding {
  return checkTransactions(facts, 'postgres.long_transactions', {
    isOne: ({ state, transactionMs }) => state === 'active' && (transactionMs ?? 0) >= LONG_TRANSACTION_MS,
    says: 'transactions run for long',
    none: 'no transaction runs for long',
    why: 'they may hold locks that denokv waits for, and keep dead rows from being cleaned away',
    prevent: null,
  });
}

interface TransactionCheck {
  readonly isOne: (session: Session) => boolean;
  readonly says: string;
  readonly none: string;
  readonly why: string;
  readonly prevent: string | null;
}

function checkTransactions({ sessions, server }: DatabaseFacts, check: string, kind: TransactionCheck): Finding {
  if (!sessions.isSeen) return unseen(check, `sessions cannot be seen: ${sessions.reason}`);
  const found = sessions.value.filter(kind.isOne);
  if (found.length > 0) {
    const sayOne = (one: Session): string => `${sayWho(one.pid, one)} for ${sayMs(one.transactionMs ?? 0)}`;
    return problem(check, {
      says: `${kind.says}: ${listed(found.map(sayOne))}`,
      why: kind.why,
      change: [
        ...found.slice(0, 5).map(({ pid }) => `SELECT pg_terminate_backend(${String(pid)});`),
        ...(kind.prevent === null ? [] : [kind.prevent]),
      ],
    });
  }
  const hidden = sessions.value.filter(({ state }) => state === null).length;
  if (hidden > 0 && !server.seesAllSessions) {
    return unseen(check, `the state of ${String(hidden)} sessions is hidden from the role ${server.role}`, [
      `GRANT pg_monitor TO ${quoteName(server.role)};`,
    ]);
  }
  return ok(check, kind.none);
}
