import { advice, ok, problem, unseen, type Finding } from '../finding.ts';
import { GOOD_PREFIX, lacksOf } from '../line-prefix.ts';
import { effective, sayOrigin, type EffectiveSetting } from './effective.ts';
import type { DatabaseFacts } from './facts.ts';
import { changeSetting, quoteName } from './sql.ts';

/** What the checks know besides the database. */
export interface LoggingContext {
  /** Whether this user can read every Postgres log that whyd is to follow; null: it follows none. */
  readonly canReadLogs: boolean | null;
  /** The zone is set in whyd's configuration. */
  readonly zoneIsConfigured: boolean;
}

type Judge = (setting: EffectiveSetting, facts: DatabaseFacts, context: LoggingContext) => Finding;

/** One row a setting; whoever sees it, judges. */
const JUDGES: Readonly<Record<string, Judge>> = {
  log_line_prefix: judgePrefix,
  log_destination: judgeDestination,
  logging_collector: judgeCollector,
  log_min_messages: judgeMinMessages,
  log_min_error_statement: judgeMinStatement,
  log_error_verbosity: judgeVerbosity,
  log_lock_waits: judgeLockWaits,
  log_timezone: judgeZone,
  log_file_mode: judgeFileMode,
  log_directory: judgeDirectory,
  lc_messages: judgeLanguage,
};

export function checkLogging(facts: DatabaseFacts, context: LoggingContext): readonly Finding[] {
  return Object.entries(JUDGES).map(([name, judge]) => {
    const setting = effective(facts, name);
    if (!setting.isSeen) return unseen(`postgres.${name}`, setting.reason, grantSettings(facts));
    const finding = judge(setting.value, facts, context);
    if (!setting.value.pendingRestart) return finding;
    return { ...finding, says: `${finding.says}; a change waits for a restart of Postgres` };
  });
}

export function grantSettings({ server }: DatabaseFacts): readonly string[] {
  return server.readsAllSettings ? [] : [`GRANT pg_monitor TO ${quoteName(server.role)};`];
}

function valueOf(facts: DatabaseFacts, name: string): string {
  const setting = effective(facts, name);
  return setting.isSeen ? setting.value.value : '';
}

function hasStructuredLog(facts: DatabaseFacts): boolean {
  return /csvlog|jsonlog/.test(valueOf(facts, 'log_destination')) && valueOf(facts, 'logging_collector') === 'on';
}

function now(setting: EffectiveSetting): string {
  return `${setting.name} = '${setting.value}' (${sayOrigin(setting)})`;
}

function judgePrefix(setting: EffectiveSetting, facts: DatabaseFacts): Finding {
  const check = 'postgres.log_line_prefix';
  if (hasStructuredLog(facts)) return ok(check, 'csvlog or jsonlog has every field, whatever the prefix');
  const lacks = lacksOf(setting.value);
  if (lacks.length === 0) return ok(check, now(setting));
  const complaint = {
    says: `${now(setting)} has ${lacks.map(({ says }) => says).join(', ')}`,
    why: lacks.map(({ why }) => why).join('; '),
    change: changeSetting(setting, GOOD_PREFIX),
  };
  return lacks.some(({ isGrave }) => isGrave) ? problem(check, complaint) : advice(check, complaint);
}

function judgeDestination(setting: EffectiveSetting, { server }: DatabaseFacts): Finding {
  const check = 'postgres.log_destination';
  if (/csvlog|jsonlog/.test(setting.value)) return ok(check, now(setting));
  const form = server.versionNumber >= 150_000 ? 'jsonlog' : 'csvlog';
  const change = [
    ...changeSetting(setting, `${setting.value},${form}`),
    '# it needs logging_collector = on; name the new files under sources: of whyd',
  ];
  if (setting.value.includes('stderr')) {
    const why = `${form} holds every field of an entry, application_name included, and nothing has to be guessed`;
    return advice(check, { says: `${now(setting)}: text only`, why, change });
  }
  const why = 'syslog cuts long entries and may drop some; the event log cannot be read at all';
  return problem(check, { says: now(setting), why, change });
}

function judgeCollector(setting: EffectiveSetting, facts: DatabaseFacts): Finding {
  const check = 'postgres.logging_collector';
  if (setting.value === 'on') return ok(check, now(setting));
  const destination = valueOf(facts, 'log_destination');
  if (/csvlog|jsonlog/.test(destination)) {
    const why = `log_destination is '${destination}', but without the collector neither csvlog nor jsonlog is written`;
    return problem(check, { says: now(setting), why, change: changeSetting(setting, 'on') });
  }
  return ok(
    check,
    `${now(setting)}: the log goes to stderr, so to the journal, the container's log, or a file of pg_ctl`,
  );
}

const HIDES_ERRORS: readonly string[] = ['log', 'fatal', 'panic'];

function judgeMinMessages(setting: EffectiveSetting): Finding {
  const check = 'postgres.log_min_messages';
  // Postgres 19 has a list here, one entry a kind of process.
  const hides = setting.value.split(',').some((one) => HIDES_ERRORS.includes(one.replace(/^.*:/, '').trim()));
  if (!hides) return ok(check, now(setting));
  const why = 'errors are not logged: no failure can be joined with the entry that caused it';
  return problem(check, { says: now(setting), why, change: changeSetting(setting, 'warning') });
}

function judgeMinStatement(setting: EffectiveSetting): Finding {
  const check = 'postgres.log_min_error_statement';
  if (!HIDES_ERRORS.includes(setting.value)) return ok(check, now(setting));
  const why =
    'errors come without their STATEMENT, by which reads are told from writes, and denokv from other programs';
  return problem(check, { says: now(setting), why, change: changeSetting(setting, 'error') });
}

function judgeVerbosity(setting: EffectiveSetting): Finding {
  const check = 'postgres.log_error_verbosity';
  if (setting.value !== 'terse') return ok(check, now(setting));
  const why = 'terse leaves out the DETAIL, by which deadlocks and constraint violations are told apart';
  return problem(check, { says: now(setting), why, change: changeSetting(setting, 'default') });
}

function judgeLockWaits(setting: EffectiveSetting): Finding {
  const check = 'postgres.log_lock_waits';
  if (setting.value === 'on') return ok(check, now(setting));
  const why = 'nothing says who held the lock behind a lock timeout or a statement timeout';
  return problem(check, { says: now(setting), why, change: changeSetting(setting, 'on') });
}

const UTC_NAMES = /^(?:(?:Etc\/)?(?:UTC|GMT|UCT|Universal|Zulu|GMT[+-]?0|Greenwich))$/i;

function judgeZone(setting: EffectiveSetting, facts: DatabaseFacts, { zoneIsConfigured }: LoggingContext): Finding {
  const check = 'postgres.log_timezone';
  if (UTC_NAMES.test(setting.value)) return ok(check, now(setting));
  if (zoneIsConfigured) return ok(check, `${now(setting)}; whyd is told the zone`);
  const isEpoch = !hasStructuredLog(facts) && /%-?\d*n/.test(valueOf(facts, 'log_line_prefix'));
  if (isEpoch) return ok(check, `${now(setting)}; %n does not depend on it`);
  return advice(check, {
    says: now(setting),
    why: 'the log prints abbreviations, which several zones share, and one hour of the year twice',
    change: [
      ...changeSetting(setting, 'UTC'),
      `# or in whyd's configuration: timezone: ${setting.value} beside this source's path`,
    ],
  });
}

function judgeFileMode(setting: EffectiveSetting, facts: DatabaseFacts, { canReadLogs }: LoggingContext): Finding {
  const check = 'postgres.log_file_mode';
  if (valueOf(facts, 'logging_collector') !== 'on')
    return ok(check, `${now(setting)}: of no account without the collector`);
  if ((Number.parseInt(setting.value, 8) & 0o040) !== 0) return ok(check, now(setting));
  if (canReadLogs === true) return ok(check, `${now(setting)}: this user can read the logs all the same`);
  return problem(check, {
    says: now(setting),
    why: 'only the user of the server may read its logs',
    change: [...changeSetting(setting, '0640'), '# for files made from then on; run whyd in the group of the files'],
  });
}

function judgeDirectory(setting: EffectiveSetting, facts: DatabaseFacts, { canReadLogs }: LoggingContext): Finding {
  const check = 'postgres.log_directory';
  const isInside = !setting.value.startsWith('/');
  const mode = Number.parseInt(valueOf(facts, 'data_directory_mode'), 8);
  const isClosed = Number.isNaN(mode) || (mode & 0o010) === 0;
  if (valueOf(facts, 'logging_collector') !== 'on' || !isInside || !isClosed) return ok(check, now(setting));
  if (canReadLogs === true) return ok(check, `${now(setting)}: this user can read the logs all the same`);
  return problem(check, {
    says: `${now(setting)} is inside the data directory, which its owner alone may enter`,
    why: 'whatever the mode of the files, nobody else gets to them',
    change: [
      'install -d -o postgres -g adm -m 2750 /var/log/postgresql',
      ...changeSetting(setting, '/var/log/postgresql'),
    ],
  });
}

function judgeLanguage(setting: EffectiveSetting, facts: DatabaseFacts): Finding {
  const check = 'postgres.lc_messages';
  if (/^(?:$|C\b|POSIX|en\b|en_|English)/i.test(setting.value)) return ok(check, now(setting));
  if (hasStructuredLog(facts) || /%-?\d*e/.test(valueOf(facts, 'log_line_prefix'))) {
    return ok(check, `${now(setting)}: translated, but the SQLSTATE is logged`);
  }
  return advice(check, {
    says: `${now(setting)}: messages are translated, and no SQLSTATE is logged`,
    why: 'causes are read from words of twelve languages; the SQLSTATE is the same in all',
    change: changeSetting(setting, 'C'),
  });
}
