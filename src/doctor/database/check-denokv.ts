import { advice, listed, ok, problem, unseen, type Finding } from '../finding.ts';
import { durationMs, sayMs } from './duration.ts';
import { effective, sayOrigin, type EffectiveSetting } from './effective.ts';
import type { DatabaseFacts } from './facts.ts';
import { grantSettings } from './check-logging.ts';
import { changeSetting } from './sql.ts';

/** Settings that denokv's sessions get, and what they do to requests. */
export function checkDenokvSettings(facts: DatabaseFacts): readonly Finding[] {
  return [
    checkWaits(facts, 'lock_timeout'),
    checkWaits(facts, 'statement_timeout'),
    ...(
      ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout'] as const
    ).flatMap((name) => checkShort(facts, name)),
    checkIdleSession(facts),
    checkIsolation(facts),
    checkReadOnly(facts),
    checkApplication(facts),
  ];
}

function timeoutOf(
  facts: DatabaseFacts,
  name: string,
): { readonly setting: EffectiveSetting; readonly ms: number } | string {
  const setting = effective(facts, name);
  if (!setting.isSeen) return setting.reason;
  const ms = durationMs(setting.value.value);
  return ms === null ? `${name} = '${setting.value.value}' is no span of time` : { setting: setting.value, ms };
}

/** A wait that ends before deadlock_timeout leaves no line that names the holder. */
function checkWaits(facts: DatabaseFacts, name: 'lock_timeout' | 'statement_timeout'): Finding {
  const check = `postgres.${name}_above_deadlock_timeout`;
  const timeout = timeoutOf(facts, name);
  const deadlock = timeoutOf(facts, 'deadlock_timeout');
  if (typeof timeout === 'string') return unseen(check, timeout, grantSettings(facts));
  if (typeof deadlock === 'string') return unseen(check, deadlock, grantSettings(facts));
  const says = `${name} is ${timeout.ms === 0 ? 'off' : sayMs(timeout.ms)}, deadlock_timeout ${sayMs(deadlock.ms)}`;
  if (timeout.ms === 0 || timeout.ms > deadlock.ms) return ok(check, says);
  const belowMs = Math.max(1, Math.floor(timeout.ms / 2));
  return problem(check, {
    says: `${says} (${sayOrigin(timeout.setting)})`,
    why: 'a wait for a lock ends before log_lock_waits writes its line: the log never says who held the lock',
    change: changeSetting(deadlock.setting, `${String(belowMs)}ms`),
  });
}

/** Requests queue on the lock of data_version: a bound below this turns load into failures. */
const MIN_TIMEOUT_MS = 1_000;

function checkShort(facts: DatabaseFacts, name: string): readonly Finding[] {
  const check = `postgres.${name}`;
  const timeout = timeoutOf(facts, name);
  if (typeof timeout === 'string') {
    // Older servers have no transaction_timeout.
    const isAbsent = facts.settings.isSeen && !facts.settings.value.has(name) && name === 'transaction_timeout';
    return isAbsent ? [] : [unseen(check, timeout, grantSettings(facts))];
  }
  const says = `${name} of denokv's sessions is ${timeout.ms === 0 ? 'off' : sayMs(timeout.ms)} (${sayOrigin(timeout.setting)})`;
  if (timeout.ms === 0 || timeout.ms >= MIN_TIMEOUT_MS) return [ok(check, says)];
  return [
    problem(check, {
      says,
      why: 'every write queues on one row of data_version: a burst of writes alone makes requests fail with this',
      change: changeSetting(timeout.setting, '10s'),
    }),
  ];
}

function checkIdleSession(facts: DatabaseFacts): Finding {
  const check = 'postgres.idle_session_timeout';
  const timeout = timeoutOf(facts, 'idle_session_timeout');
  if (typeof timeout === 'string') {
    if (facts.server.versionNumber < 140_000) return ok(check, 'this server has none');
    return unseen(check, timeout, grantSettings(facts));
  }
  if (timeout.ms === 0) return ok(check, 'idle_session_timeout is off');
  return problem(check, {
    says: `idle_session_timeout of denokv's sessions is ${sayMs(timeout.ms)} (${sayOrigin(timeout.setting)})`,
    why: "it ends the idle connections of denokv's pool, and the request that takes such a one fails (57P05)",
    change: changeSetting(timeout.setting, '0'),
  });
}

function checkIsolation(facts: DatabaseFacts): Finding {
  const check = 'postgres.default_transaction_isolation';
  const setting = effective(facts, 'default_transaction_isolation');
  if (!setting.isSeen) return unseen(check, setting.reason, grantSettings(facts));
  const { value } = setting.value;
  if (value === 'read committed' || value === 'read uncommitted') return ok(check, `the default isolation is ${value}`);
  return problem(check, {
    says: `the default isolation of denokv's sessions is ${value} (${sayOrigin(setting.value)})`,
    why: 'writes of the same moment fail with 40001, which denokv answers with a 500 instead of trying again',
    change: changeSetting(setting.value, 'read committed'),
  });
}

function checkReadOnly(facts: DatabaseFacts): Finding {
  const check = 'postgres.read_only';
  const { server } = facts;
  if (server.inRecovery) {
    return problem(check, {
      says: 'the server is a standby',
      why: 'every write of denokv fails with 25006 (read_only), if it is connected here',
      change: [
        "# give denokv (and this doctor) the address of the primary, or add target_session_attrs=read-write to denokv's",
      ],
    });
  }
  const setting = effective(facts, 'default_transaction_read_only');
  if (!setting.isSeen) return unseen(check, setting.reason, grantSettings(facts));
  if (setting.value.value !== 'on') return ok(check, 'the server takes writes');
  return problem(check, {
    says: `default_transaction_read_only is on (${sayOrigin(setting.value)})`,
    why: 'every write of denokv fails with 25006 (read_only)',
    change: [
      'SET default_transaction_read_only = off; -- for the session that runs the next line',
      ...changeSetting(setting.value, 'off'),
    ],
  });
}

function checkApplication({ sessions, denokv }: DatabaseFacts): Finding {
  const check = 'denokv.application_name';
  const change = ["# add application_name=denokv to denokv's address: postgresql://.../kv?application_name=denokv"];
  const why = 'its sessions and log entries cannot be told from those of other programs on the same role';
  if (!sessions.isSeen) return unseen(check, `sessions cannot be seen: ${sessions.reason}`);
  if (denokv.role === null) {
    return unseen(check, `nothing says which role is denokv's`, [
      "# in whyd's configuration: identity: { user: ROLE, database: NAME }",
    ]);
  }
  const own = sessions.value.filter((one) => one.user === denokv.role && one.database === denokv.database);
  if (own.length === 0) {
    return unseen(check, `${denokv.role} has no session in ${denokv.database} just now`, [
      '# is denokv running, and against this server?',
    ]);
  }
  const names = [...new Set(own.map(({ application }) => application ?? ''))];
  if (!names.includes('')) return ok(check, `sessions of ${denokv.role} are named: ${listed(names)}`);
  const nameless = own.filter(({ application }) => (application ?? '') === '').length;
  return advice(check, {
    says: `${String(nameless)} of ${String(own.length)} sessions of ${denokv.role} have no application_name`,
    why,
    change,
  });
}
