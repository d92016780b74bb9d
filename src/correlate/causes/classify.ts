import type { Operation } from '../../domain.ts';
import { catalogue, causeById, claimsOn } from './catalogue.ts';
import type { RowClaim } from './catalogue.ts';
import { Memo, ownText } from '../../memo.ts';
import { englishOf } from './english.ts';
import type { CauseRow, ServerText } from './row.ts';
import { sqlstateClasses } from '../../sqlstate-classes.ts';
import { findObjects } from './summary.ts';
import type { CauseObjects } from './summary.ts';
import { unknownCause } from './unknown.ts';

/** What a server error is known by. `sqlstate` null means that the log does not print it; `00000` is treated alike. */
export interface ServerErrorFacts {
  readonly sqlstate: string | null;
  readonly severity: string;
  readonly message: string;
  readonly detail?: string | null;
  /**
   * Tells an exception raised by a function from an error of the server where there is no SQLSTATE. Leave it out where it cannot be known (a
   * client's text); null says that the entry has none.
   */
  readonly context?: string | null;
  readonly statement?: string | null;
}

/** Which kind of evidence named the row, strongest first. */
export type ClassificationRule = 'sqlstate' | 'server_text' | 'client_text' | 'sqlstate_class' | 'none';

export interface Classification {
  readonly row: CauseRow;
  /** As read, or as the English text implies it; null when neither is known. */
  readonly sqlstate: string | null;
  /** Probability that the row is right, judged by this text alone; 0 for `unknown`. */
  readonly confidence: number;
  readonly objects: CauseObjects;
  readonly rule: ClassificationRule;
}

/** How sure a row is, by how it was found. The joiner lowers or raises it by what else it knows. */
const CONFIDENCE = {
  sqlstate: 0.995,
  /** Rows share the SQLSTATE by text, and none of the known texts fits: another language, or new words. */
  sharedSqlstate: 0.85,
  sqlstateClass: 0.85,
  /** An application may raise an error in Postgres' own words, though few do. */
  serverText: 0.99,
  raisedByContext: 0.97,
  /** English text that is not one of the server's, and no CONTEXT to tell: most likely an application's own RAISE. */
  raisedByElimination: 0.6,
  clientText: 0.99,
  /** On SQLite a text that is none of SQLite's and none of denokv's, whose words are few and known: a trigger's RAISE. */
  sqliteRaise: 0.95,
} as const;

const SUCCESS = '00000';
/** A client's text has the severity in the server's language; a word that is not known may be FATAL. */
const BELOW_FATAL: ReadonlySet<string> = new Set(['ERROR', 'WARNING', 'NOTICE', 'LOG', 'INFO', 'DEBUG']);
const CLASS_LENGTH = 2;
const RAISED_IN_FUNCTION = / RAISE$/m;
const RAISED_SQLSTATE = 'P0001';
/** Guillemets and letters beyond ASCII: a server in another language, whose words the catalogue does not know. */
const NOT_ENGLISH = /[\u0080-\uffff]/;

interface RowText {
  readonly row: CauseRow;
  readonly text: ServerText;
}

/** Narrow texts (those with a second condition) are tried before the plain ones. */
const serverTexts: readonly RowText[] = catalogue
  .flatMap((row) => row.texts.map((text) => ({ row, text })))
  .sort((a, b) => conditions(b.text) - conditions(a.text));

const clientTexts = catalogue.flatMap((row) => row.clientTexts.map((text) => ({ row, text })));

const answers = new Memo<Classification>();

/** Names the cause of a server error, from the server's log or from the client's text of it, in whatever language the server speaks. */
export function classifyServerError(facts: ServerErrorFacts): Classification {
  const context = facts.context === undefined ? '-' : isRaised(facts) ? 'r' : '';
  const key = `${facts.sqlstate ?? ''}\0${facts.severity}\0${context}\0${facts.message}\0${facts.detail ?? ''}`;
  return answers.get(key, () => classify(englishFacts(facts)));
}

/** Copies, since what is cut out of them is remembered. */
function englishFacts(facts: ServerErrorFacts): ServerErrorFacts {
  const message = ownText(englishOf(facts.message));
  return { ...facts, message, detail: facts.detail == null ? null : ownText(facts.detail) };
}

function classify(facts: ServerErrorFacts): Classification {
  const sqlstate = facts.sqlstate === SUCCESS ? null : facts.sqlstate;
  // A function may raise an error in Postgres' own words, so its CONTEXT counts for more than the text, and the SQLSTATE for most.
  const known =
    sqlstate === null
      ? (byContext(null, facts) ?? byServerText(facts) ?? byElimination(facts))
      : (bySqlstate(sqlstate, facts) ?? byContext(sqlstate, facts));
  return known ?? unknown(sqlstate, facts.message);
}

/**
 * Names the cause behind a text of denokv's own: its pool, its socket, its value checks, or SQLite. `backend`, where the start-up line told
 * it, helps with the texts of SQLite triggers, which can be anything.
 */
export function classifyClientText(
  text: string,
  operation: Operation | null,
  backend: 'postgres' | 'sqlite' | null = null,
): Classification {
  const key = ['client', text, operation, backend].join('\u0000');
  return answers.get(key, () => byClientText(unwrap(ownText(text)), operation, backend));
}

function bySqlstate(sqlstate: string, facts: ServerErrorFacts): Classification | null {
  for (let length = sqlstate.length; length >= CLASS_LENGTH; length -= 1) {
    const claims = claimsOn(sqlstate.slice(0, length));
    const qualified = claims.find(({ claim }) => claim.message?.test(facts.message) === true);
    const chosen = qualified ?? claims.find(({ claim }) => claim.message === undefined);
    if (chosen === undefined) continue;
    return {
      row: chosen.row,
      sqlstate,
      confidence: chosen.claim.confidence ?? claimConfidence(chosen, claims, facts),
      objects: findObjects(chosen.row, facts.message, facts.detail ?? null),
      rule: length === CLASS_LENGTH ? 'sqlstate_class' : 'sqlstate',
    };
  }
  return null;
}

function claimConfidence({ row, claim }: RowClaim, rivals: readonly RowClaim[], facts: ServerErrorFacts): number {
  if (claim.code.length === CLASS_LENGTH) return CONFIDENCE.sqlstateClass;
  const isShared = claim.message === undefined && rivals.some((rival) => rival.row !== row);
  const isKnownText = row.texts.some((text) => fits(text, facts));
  return isShared && !isKnownText ? CONFIDENCE.sharedSqlstate : CONFIDENCE.sqlstate;
}

function byServerText(facts: ServerErrorFacts): Classification | null {
  const found = serverTexts.find(({ text }) => fits(text, facts));
  if (found === undefined) return null;
  if (found.row === unknownCause) return unknown(found.text.sqlstate, facts.message);
  return {
    row: found.row,
    sqlstate: found.text.sqlstate,
    confidence: found.text.confidence ?? CONFIDENCE.serverText,
    objects: findObjects(found.row, facts.message, facts.detail ?? null),
    rule: 'server_text',
  };
}

function byContext(sqlstate: string | null, facts: ServerErrorFacts): Classification | null {
  return isRaised(facts) ? raised(sqlstate ?? RAISED_SQLSTATE, facts.message, CONFIDENCE.raisedByContext) : null;
}

function byElimination(facts: ServerErrorFacts): Classification | null {
  const isCandidate = facts.context === undefined && facts.severity === 'ERROR' && !NOT_ENGLISH.test(facts.message);
  // The SQLSTATE stays null: a RAISE may name any.
  return isCandidate ? raised(null, facts.message, CONFIDENCE.raisedByElimination) : null;
}

function raised(sqlstate: string | null, message: string, confidence: number): Classification | null {
  const row = causeById('raised_exception');
  if (row === null) return null;
  return { row, sqlstate, confidence, objects: findObjects(row, message, null), rule: 'server_text' };
}

function byClientText(
  text: string,
  operation: Operation | null,
  backend: 'postgres' | 'sqlite' | null,
): Classification {
  const found = clientTexts.find(({ text: candidate }) => {
    const operationFits = operation === null || candidate.operation === undefined || candidate.operation === operation;
    return operationFits && candidate.pattern.test(text);
  });
  if (found !== undefined) return clientAnswer(found.row, text, found.text.confidence ?? CONFIDENCE.clientText);
  const row = backend === 'sqlite' ? causeById('raised_exception') : null;
  return row === null ? unknown(null, text) : clientAnswer(row, text, CONFIDENCE.sqliteRaise);
}

function clientAnswer(row: CauseRow, text: string, confidence: number): Classification {
  return { row, sqlstate: null, confidence, objects: findObjects(row, text, null), rule: 'client_text' };
}

function unknown(sqlstate: string | null, message: string): Classification {
  const className = sqlstate === null ? undefined : sqlstateClasses.get(sqlstate.slice(0, 2));
  const objects = {
    ...findObjects(unknownCause, message, null),
    ...(sqlstate === null ? {} : { sqlstate, class: className ?? 'a class of its own' }),
  };
  return { row: unknownCause, sqlstate, confidence: 0, objects, rule: 'none' };
}

function fits(text: ServerText, facts: ServerErrorFacts): boolean {
  if (text.fatal === true && BELOW_FATAL.has(facts.severity)) return false;
  if (text.detail !== undefined && !text.detail.test(facts.detail ?? '')) return false;
  return text.pattern.test(facts.message);
}

function conditions(text: ServerText): number {
  return (text.detail === undefined ? 0 : 1) + (text.fatal === undefined ? 0 : 1);
}

function isRaised(facts: ServerErrorFacts): boolean {
  const context = facts.context ?? null;
  return context !== null && RAISED_IN_FUNCTION.test(context);
}

/** The words that denokv's layers put before what failed; each may stand before another. */
const WRAPPERS = [
  'Database error: ',
  'Connection failed: ',
  'Failed to get connection: ',
  'Error occurred while creating a new object: ',
  'Error occurred while recycling an object: ',
  'Pool error: ',
  'Invalid data: ',
  'Generic error: ',
  'Sqlite error: ',
  'Failed to read from the database: ',
  'Failed to write to database: ',
] as const;

function unwrap(text: string): string {
  const wrapper = WRAPPERS.find((words) => text.startsWith(words));
  return wrapper === undefined ? text : unwrap(text.slice(wrapper.length));
}
