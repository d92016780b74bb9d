import { advice, counted, ok, problem, unseen, type Finding } from '../finding.ts';
import { GOOD_PREFIX, lacksOf } from '../line-prefix.ts';
import type { HostFacts, LogFacts } from './facts.ts';

/** What the logs themselves show, one finding a check and log. */
export function checkLogs(facts: HostFacts): readonly Finding[] {
  return [...checkKinds(facts), ...facts.logs.flatMap(checkLog)];
}

function checkLog(log: LogFacts): readonly Finding[] {
  const readable = checkReadable(log);
  if (log.isStream)
    return [
      unseen('source.recognised', `${log.name} is taken as it comes`, [
        'whyd sources  # says what the daemon made of it',
      ]),
    ];
  if (log.trouble !== null) return [readable];
  const recognised = checkRecognised(log);
  if (recognised.result !== 'ok') return [readable, recognised];
  const forKind = log.kind === 'postgres' ? [...checkPostgres(log)] : [];
  return [readable, recognised, checkDamage(log), ...forKind];
}

const SOURCE_LINES = {
  denokv: '  - { kind: denokv, journald: { unit: denokv.service } } # or path: [/var/log/denokv/denokv.log]',
  postgres: '  - { kind: postgres, path: [/var/log/postgresql/*.log] }',
  proxy: '  - { kind: proxy, path: [/var/log/nginx/access.log] }',
} as const;

/** Which of the three logs whyd is given at all. */
function checkKinds({ logs, origin }: HostFacts): readonly Finding[] {
  const has = (kind: string): boolean => logs.some((log) => log.kind === kind);
  const lacking = (kind: keyof typeof SOURCE_LINES, why: string): Finding => {
    const complaint = { says: `no ${kind} log is followed (${origin})`, why, change: ['sources:', SOURCE_LINES[kind]] };
    return kind === 'proxy' ? advice('sources.proxy', complaint) : problem(`sources.${kind}`, complaint);
  };
  const isSqlite = logs.some(({ digest }) => digest.startup?.backend === 'sqlite');
  return [
    has('denokv')
      ? ok('sources.denokv', 'a denokv log is followed')
      : lacking('denokv', 'nothing says which requests failed'),
    has('postgres') || isSqlite
      ? ok('sources.postgres', isSqlite ? 'denokv runs on SQLite' : 'a Postgres log is followed')
      : lacking('postgres', 'causes are read from denokv alone: no holder of a lock, no crash, no statement'),
    has('proxy')
      ? ok('sources.proxy', 'a proxy log is followed')
      : lacking('proxy', 'failures have no request id, and 500s that denokv does not log are not seen'),
  ];
}

function checkReadable({ name, trouble, sizeBytes }: LogFacts): Finding {
  if (trouble === null) return ok('source.readable', `${name} can be read (${String(sizeBytes)} bytes)`);
  const { reason, change } = trouble;
  return problem('source.readable', {
    says: `${name}: ${reason}`,
    why: 'nothing of it gets into an answer',
    change: change.length === 0 ? ['# mend the path under sources:'] : change,
  });
}

function checkRecognised({ name, kind, detection, counts, sizeBytes }: LogFacts): Finding {
  const check = 'source.recognised';
  if (detection === null) {
    if (sizeBytes === 0) return unseen(check, `${name} is empty, so nobody knows its form yet`);
    return problem(check, {
      says: `${name} is not recognised; its first line reads: ${counts.example ?? '(blank)'}`,
      why: 'nothing of it gets into an answer',
      change:
        kind === 'postgres'
          ? [...alter('log_line_prefix', GOOD_PREFIX), '# or line_prefix: beside its path']
          : ['# mend the path under sources:'],
    });
  }
  if (detection.kind !== kind) {
    return problem(check, {
      says: `${name} is given as a ${kind} log, and is a ${detection.kind} log`,
      why: 'its lines count for the wrong program',
      change: [`# in whyd's configuration: kind: ${detection.kind} beside this path`],
    });
  }
  return ok(check, `${name} is ${detection.format}, ${String(Math.floor(detection.confidence * 100))}% sure`);
}

const MAX_UNREAD_SHARE = 0.02;

function checkDamage({ name, counts, digest }: LogFacts): Finding {
  const check = 'source.damage';
  const faults = [
    digest.gaps > 0 ? `lines were lost ${counted(digest.gaps, 'time')}` : null,
    counts.truncated > 0 ? `${counted(counts.truncated, 'line')} longer than is kept` : null,
    counts.unrecognised > counts.lines * MAX_UNREAD_SHARE
      ? `${String(counts.unrecognised)} of ${String(counts.lines)} lines are not understood, such as: ${counts.example ?? ''}`
      : null,
  ].filter((fault) => fault !== null);
  if (faults.length === 0) return ok(check, `${name} is whole`);
  return problem(check, {
    says: `${name}: ${faults.join('; ')}`,
    why: 'an entry that is lost or cut cannot be named as the cause',
    change: [
      '# a pipe tears lines that several processes write: logging_collector = on writes whole ones',
      '# journald drops what comes too fast: LogRateLimitIntervalSec=0 in the [Service] section of the unit',
    ],
  });
}

function checkPostgres(log: LogFacts): readonly Finding[] {
  const { name, detection, digest, translated } = log;
  const { errors, errorsWithStatement, detailed, withSqlstate } = digest;
  const findings = [...checkPrefix(log)];
  const isTerse = detailed.expected > 0 && detailed.found === 0;
  findings.push(
    isTerse
      ? problem('source.verbosity', {
          says: `${name}: no DETAIL with ${counted(detailed.expected, 'error')} of kinds that always have one`,
          why: 'deadlocks and constraint violations are told apart by their DETAIL',
          change: alter('log_error_verbosity', 'default'),
        })
      : ok(
          'source.verbosity',
          `${name}: ${detailed.expected === 0 ? 'no entry shows it to be terse' : 'entries have their DETAIL'}`,
        ),
  );
  if (errors >= MANY && errorsWithStatement === 0) {
    findings.push(
      advice('source.statements', {
        says: `${name}: none of ${String(errors)} errors has its STATEMENT`,
        why: 'the statement tells reads from writes, and denokv from other programs',
        change: alter('log_min_error_statement', 'error'),
      }),
    );
  }
  if (translated !== null && withSqlstate === 0 && detection?.format === 'postgres_stderr') {
    findings.push(
      advice('source.language', {
        says: `${name} is translated (${translated}), and has no SQLSTATE`,
        why: 'causes are read from words of twelve languages; the SQLSTATE is the same in all',
        change: [...alter('lc_messages', 'C'), `# or: ${alter('log_line_prefix', GOOD_PREFIX)[0] ?? ''}`],
      }),
    );
  }
  return findings;
}

const MANY = 20;

function checkPrefix({ name, detection, configuredPrefix, digest }: LogFacts): readonly Finding[] {
  const check = 'source.line_prefix';
  if (detection?.format !== 'postgres_stderr') return [ok(check, `${name} has every field`)];
  const prefix = detection.linePrefix ?? '';
  const findings: Finding[] = [];
  if (configuredPrefix !== null && configuredPrefix.trim() !== prefix.trim()) {
    findings.push(
      problem('source.configured_prefix', {
        says: `${name}: line_prefix is "${configuredPrefix}", the lines have "${prefix}"`,
        why: 'it was found out all the same, this time',
        change: [`# in whyd's configuration: line_prefix: '${prefix.replaceAll("'", "''")}', or nothing at all`],
      }),
    );
  }
  const lacks = lacksOf(prefix);
  if (lacks.length === 0) return [...findings, ok(check, `${name}: "${prefix}" has what it takes`)];
  const complaint = {
    says: `${name}: "${prefix}" has ${lacks.map(({ says }) => says).join(', ')}`,
    why: lacks.map(({ why }) => why).join('; '),
    change: alter('log_line_prefix', GOOD_PREFIX),
  };
  const isGrave = lacks.some((lack) => lack.isGrave) && digest.events > 0;
  return [...findings, isGrave ? problem(check, complaint) : advice(check, complaint)];
}

function alter(setting: string, value: string): readonly string[] {
  return [`ALTER SYSTEM SET ${setting} = '${value}'; SELECT pg_reload_conf();`];
}
