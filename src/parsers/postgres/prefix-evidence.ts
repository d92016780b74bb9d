import { LABELS } from './labels.ts';
import { countsUp, lineNumbering } from './line-numbering.ts';
import { NO_ADDRESS, type PrefixField } from './prefix-field.ts';
import type { Column, Skeleton } from './prefix-skeleton.ts';

/** A column's meaning; null: a constant text of the prefix itself. */
export type Meaning = PrefixField | null;

/** What each column of a skeleton means, and whether words got their meaning from nothing but the usual order of names. */
export interface Meanings {
  readonly fields: readonly Meaning[];
  readonly byConventionOnly: boolean;
  /** How many words got a meaning that nothing in them bears out: a host's, or none at all. */
  readonly doubts: number;
}

const MAX_AGAINST = 2;
/** Less than the usual order is worth: there are users called app_prod, and databases called users. */
const LOOKS_WORTH = 0.35;
/** Whoever prints names prints the user's, and of two the second is the database's as a rule. */
const WITHOUT_USER_OR_DATABASE = 0.8;

/** The usual order, which decides when nothing else does. */
const NAMES = ['u', 'd', 'a', 'h'] as const;
type Name = (typeof NAMES)[number];

/** Messages that say who the session is. */
const WHO: readonly (readonly [RegExp, readonly Name[]])[] = [
  [
    /^connection authorized: user=(.*?) database=(.*?)(?: application_name=(.*?))?(?: SSL enabled.*| GSS .*)?$/,
    ['u', 'd', 'a'],
  ],
  [/^disconnection: .* user=(.*) database=(.*) host=(.*?)(?: port=\d+)?$/, ['u', 'd', 'h']],
  [/^connection received: host=(.*?)(?: port=\d+)?$/, ['h']],
  [/ for host "(.*?)", user "(.*?)", database "(.*?)"/, ['h', 'u', 'd']],
  [/authentication failed for user "(.*?)"/, ['u']],
  [/^role "(.*?)" (?:does not exist|is not permitted)/, ['u']],
  [/^database "(.*?)" does not exist/, ['d']],
  [/^permission denied for database "?(.*?)"?$/, ['d']],
];
/** The SQLSTATEs without a letter that servers raise. */
const DIGIT_CODES: ReadonlySet<string> = new Set(
  '22001 22003 22004 22005 22007 22008 22009 22012 22021 22022 22023 22026 22027 23000 23001 23502 23503 23505 23514 24000 25000 25001 25006 26000 28000 34000 38000 39000 40000 40001 40002 40003 42501 42601 42602 42611 42622 42701 42702 42703 42704 42710 42712 42723 42725 42803 42804 42809 42830 42846 42883 42939 44000 53000 53100 53200 53300 53400 54000 54001 54011 54023 55000 55006 57000 57014 58000 58030'.split(
    ' ',
  ),
);
/** Messages that say the pid of the process that wrote them. */
const OWN_PID = /^process (\d+) (?:still waiting|acquired|detected)/;
const APPLICATION_WORD =
  /^(?:psql|pg_\w+|pgbench|pgAdmin.*|DBeaver.*|DataGrip.*|walreceiver|node-postgres|(?:puma|sidekiq|rails|node|python|java|php)(?:[^\w-].*)?|.*\.(?:js|py|rb|php|exe))$/;
/** A dot alone makes no host: people are called first.last. */
const HOST_WORD =
  /^(?:localhost|ip-[\d-]+|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+){2,}|[A-Za-z0-9-]+\.(?:com|net|org|io|dev|lan|local|internal|localdomain|home|corp))$/;
const USER_WORD = /^(?:postgres|root|admin|.*(?:user|_rw|_ro|_role|_owner))$/;
const DATABASE_WORD = /^(?:postgres|template[01]|.*(?:db|_production|_development|_test|_prod))$/;

export function settleMeanings(skeleton: Skeleton): Meanings {
  const fields: Meaning[] = skeleton.columns.map(({ kind, values }) =>
    kind === 'number' || kind === 'word' ? null : kind === 'h' && values.includes(NO_ADDRESS) ? 'L' : kind,
  );
  settleStart(skeleton, fields);
  settleNumbers(skeleton, fields);
  return { fields, ...settleWords(skeleton, fields) };
}

/** Of two times without milliseconds the later one is the entry's: a session begins before it writes. */
function settleStart({ columns }: Skeleton, fields: Meaning[]): void {
  const [entry, start] = [fields.indexOf('t'), fields.indexOf('s')];
  const starts = columns[start]?.values ?? [];
  if (!starts.some((value, row) => value > (columns[entry]?.values[row] ?? value))) return;
  fields[entry] = 's';
  fields[start] = 't';
}

function settleNumbers(skeleton: Skeleton, fields: Meaning[]): void {
  const open = (): Column[] =>
    skeleton.columns.filter(
      (column, index) => column.kind === 'number' && fields[index] === null && !constants.has(column),
    );
  const constants = new Set(skeleton.columns.filter((column) => isLineSuffix(skeleton, column)));
  const give = (column: Column | undefined, field: PrefixField): void => {
    if (column !== undefined && !fields.includes(field)) fields[skeleton.columns.indexOf(column)] = field;
  };
  const sure = new Set(skeleton.columns.filter((column) => pidEvidence(skeleton, column) > 0));
  give(
    open().find((column) => !sure.has(column) && isSqlstate(skeleton, column)),
    'e',
  );
  const ranked = open()
    .filter((column) => pidEvidence(skeleton, column) >= 0 && !column.values.includes('0'))
    .sort((a, b) => pidRank(skeleton, b) - pidRank(skeleton, a));
  give(ranked[0], 'p');
  const pid = skeleton.columns[fields.indexOf('p')];
  give(
    open().find((column) => countsUp(column, pid)),
    'l',
  );
  for (const column of open()) give(column, kindOfNumber(column, pid, fields));
  // What is left has no meaning that is not taken: a number of the prefix itself.
}

function kindOfNumber(column: Column, pid: Column | undefined, fields: readonly Meaning[]): PrefixField {
  const filled = column.values.filter((value) => value !== '');
  if (filled.length < column.values.length && filled.every((value) => pid?.values.includes(value) === true)) return 'P';
  if (filled.some((value) => value.length > 11)) return 'Q';
  if (filled.filter((value) => value === '0').length > filled.length * 0.3) return fields.includes('x') ? 'Q' : 'x';
  return fields.includes('l') ? (fields.includes('x') ? 'Q' : 'x') : 'l';
}

/** `[%l-1]` is a habit that pgBadger's manual spread: the 1 is a constant. */
function isLineSuffix({ parts }: Skeleton, column: Column): boolean {
  const before = parts[column.part - 1];
  return (
    column.kind === 'number' &&
    before?.kind === 'literal' &&
    before.text === '-' &&
    column.values.every((value) => value === '1')
  );
}

function isSqlstate({ rows }: Skeleton, { values }: Column): boolean {
  if (!values.every((value) => /^(?:[0-9A-Z]{2}[0P][0-9A-Z]{2}|[0-9A-Z]{5})$/.test(value))) return false;
  if (values.some((value) => /[A-Z]/.test(value))) return true;
  // Digits alone could be pids, but those don't begin with a zero, and few of them are codes.
  return (
    values.some((value) => value.startsWith('0')) ||
    (values.every((value) => DIGIT_CODES.has(value)) && rows.some((row) => severityOf(row.label) !== 'LOG'))
  );
}

function pidEvidence({ rows, columns }: Skeleton, { values }: Column): number {
  const sessions = columns.find(({ kind }) => kind === 'c');
  let evidence = 0;
  for (const [index, row] of rows.entries()) {
    const value = values[index] ?? '';
    if (value === '') continue;
    const session = sessions?.values[index]?.split('.')[1];
    if (session !== undefined) evidence += Number.parseInt(session, 16) === Number(value) ? 1 : -1;
    const own = OWN_PID.exec(row.message)?.[1];
    if (own !== undefined) evidence += own === value ? 1 : -1;
  }
  return evidence;
}

function pidRank(skeleton: Skeleton, column: Column): number {
  const { parts, columns } = skeleton;
  const before = parts[column.part - 1];
  const after = parts[column.part + 1];
  const isBracketed =
    before?.kind === 'literal' && before.text.endsWith('[') && after?.kind === 'literal' && after.text.startsWith(']');
  const isUsed = column.values.every((value) => value !== '' && value !== '0' && value.length <= 8);
  return (
    Math.sign(pidEvidence(skeleton, column)) * 100 +
    (isUsed ? 20 : 0) +
    (isBracketed ? 5 : 0) +
    lineNumbering(skeleton, column) -
    (columns.indexOf(column) + 1) / 100
  );
}

/** Gives words the assignment of names that the lines speak for most; says whether nothing but the usual order spoke. */
function settleWords(skeleton: Skeleton, fields: Meaning[]): Omit<Meanings, 'fields'> {
  const words = skeleton.columns.filter((column) => column.kind === 'word' && !isConstant(skeleton, column));
  if (words.length === 0) return { byConventionOnly: false, doubts: 0 };
  const free = NAMES.filter((name) => !fields.includes(name) && !(name === 'h' && fields.includes('r')));
  const sayings = sayingsOf(skeleton);
  const evidence = words.map(
    (column) => new Map(free.map((name) => [name, nameEvidence(skeleton, sayings, column, name)])),
  );
  let best: { names: readonly (Name | null)[]; score: number } | null = null;
  for (const names of assignments(words.length, free)) {
    const score =
      names.reduce((sum, name, index) => sum + (name === null ? 0 : (evidence[index]?.get(name) ?? 0)), 0) +
      orderScore(names) -
      lacks(names, fields) * WITHOUT_USER_OR_DATABASE;
    if (best === null || score > best.score + 1e-9) best = { names, score };
  }
  let doubts = 0;
  for (const [index, column] of words.entries()) {
    const name = best?.names[index] ?? null;
    fields[skeleton.columns.indexOf(column)] = name ?? 'i';
    if (name === null || (name === 'h' && (evidence[index]?.get('h') ?? 0) <= 0)) doubts++;
  }
  return { byConventionOnly: (best?.score ?? 0) < 0.5, doubts };
}

/** What the messages of some rows say of the session's names. */
interface Saying {
  readonly row: number;
  readonly name: Name;
  readonly value: string;
}

function sayingsOf(skeleton: Skeleton): Saying[] {
  return skeleton.rows.flatMap(({ message }, row) =>
    WHO.flatMap(([pattern, names]) => {
      const match = pattern.exec(message);
      return match === null
        ? []
        : names.flatMap((name, group) =>
            match[group + 1] === undefined ? [] : [{ row, name, value: match[group + 1] ?? '' }],
          );
    }),
  );
}

function nameEvidence(skeleton: Skeleton, sayings: readonly Saying[], column: Column, name: Name): number {
  const said = sayings
    .filter((saying) => saying.name === name && /^[^[]/.test(column.values[saying.row] ?? ''))
    .reduce((sum, { row, value }) => sum + (column.values[row] === value ? 3 : -1), 0);
  // A session may be refused a database that is not its own: what speaks against a name is bounded.
  return Math.max(said, -MAX_AGAINST) + punctuation(skeleton, column, name) + looks(column, name);
}

function punctuation({ parts }: Skeleton, { part }: Column, name: Name): number {
  const after = parts[part + 1];
  const before = parts[part - 1];
  const joinsNext = after?.kind === 'literal' && after.text.startsWith('@');
  const joinsLast = before?.kind === 'literal' && before.text.endsWith('@');
  if (joinsNext) return name === 'u' ? 3 : -1;
  if (joinsLast) return name === 'd' ? 1.5 : name === 'h' ? 1 : -1;
  return 0;
}

/** How much the values look like a user, a database, an application, a host; at most about one. */
function looks({ values }: Column, name: Name): number {
  const distinct = [...new Set(values)].filter((value) => value !== '' && !value.startsWith('['));
  if (distinct.length === 0) return 0;
  const share = (pattern: RegExp): number => distinct.filter((value) => pattern.test(value)).length / distinct.length;
  switch (name) {
    case 'u':
      return share(USER_WORD) * LOOKS_WORTH - share(HOST_WORD) - share(APPLICATION_WORD) * 0.5;
    case 'd':
      return share(DATABASE_WORD) * LOOKS_WORTH - share(HOST_WORD) - share(APPLICATION_WORD) * 0.5;
    case 'a':
      return share(APPLICATION_WORD) + share(/[ /:]|^[A-Z]/) * 0.03;
    case 'h':
      return share(HOST_WORD) * 1.5 - share(/[ _/]|^postgres$/) * 0.5;
  }
}

/** How many of the two names that come first are missing though there are others. */
function lacks(names: readonly (Name | null)[], fields: readonly Meaning[]): number {
  const has = (name: Name): boolean => names.includes(name) || fields.includes(name);
  return names.length === 1 ? 0 : Number(!has('u')) + Number(!has('d'));
}

function orderScore(names: readonly (Name | null)[]): number {
  let score = 0;
  for (const [index, name] of names.entries()) {
    if (name === null) continue;
    score += (NAMES.length - NAMES.indexOf(name)) * 0.02;
    const next = names.slice(index + 1).find((other) => other !== null);
    if (next !== undefined && NAMES.indexOf(next) > NAMES.indexOf(name)) score += name === 'u' ? 0.4 : 0.1;
  }
  return score;
}

/** All ways to give each of `count` columns a name of its own, or none where names run out. */
function* assignments(count: number, free: readonly Name[]): Generator<readonly (Name | null)[]> {
  if (count === 0) {
    yield [];
    return;
  }
  for (const name of free)
    for (const rest of assignments(
      count - 1,
      free.filter((other) => other !== name),
    ))
      yield [name, ...rest];
  if (free.length < count) for (const rest of assignments(count - 1, free)) yield [null, ...rest];
}

/** A word that stands in the lines of background processes too, which have no names. */
function isConstant({ parts, rows, columns }: Skeleton, column: Column): boolean {
  const value = column.values[0];
  if (!column.values.every((other) => other === value)) return false;
  // `postgres[123]`: a program's name, as syslog puts it.
  const [bracket, number] = parts.slice(column.part + 1);
  if (bracket?.kind === 'literal' && bracket.text === '[' && number?.kind === 'number') return true;
  const others = columns.filter((other) => other !== column && (other.kind === 'word' || 'udahr'.includes(other.kind)));
  return rows.some(
    (row, index) =>
      BACKGROUND_MESSAGE.test(row.message) &&
      others.every((other) => other.values[index] === '' || other.values.every((word) => word === other.values[0])),
  );
}

/** What processes without a session say. */
export const BACKGROUND_MESSAGE =
  /^(?:starting PostgreSQL|listening on|database system|checkpoint|restartpoint|redo|received (?:SIGHUP|fast|smart|immediate)|automatic |autovacuum|parameter "|shutting down|background worker "|(?:server process|client backend) \(PID|terminating any other|all server processes)/;

function severityOf(label: string): string | null {
  const meaning = LABELS.get(label);
  return meaning !== undefined && 'severity' in meaning ? meaning.severity : null;
}
