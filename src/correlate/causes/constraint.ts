import type { Remedy } from '../../domain.ts';
import { firstQuoted, opening, whole } from './pattern.ts';
import type { CauseRow } from './row.ts';

const foreignConstraint: Remedy = {
  do: "List what was added to denokv's tables: SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'kv_store'::regclass.",
  why: 'denokv itself creates only primary keys; any other constraint came from somebody else.',
};

const relaxOrObey: Remedy = {
  do: 'Change the value that the application writes, or relax it: ALTER TABLE ... DROP CONSTRAINT name (NOT VALID when adding one anew).',
  why: 'The same write fails each time until one of the two gives way.',
};

const triggers: Remedy = {
  do: 'Look for the trigger that writes to the table: SELECT tgrelid::regclass, tgname, tgfoid::regproc FROM pg_trigger WHERE NOT tgisinternal.',
  why: "When the table is not one of denokv's, a trigger wrote to it on behalf of the request.",
};

/** A rule of the data was broken, by the table's definition or by somebody's trigger. */
export const constraintCauses: readonly CauseRow[] = [
  {
    id: 'unique_violation',
    category: 'constraint',
    sqlstates: [{ code: '23505' }],
    texts: [
      { pattern: whole('duplicate key value violates unique constraint "[^"]*"'), sqlstate: '23505' },
      { pattern: whole('could not create unique index "[^"]*"'), sqlstate: '23505' },
    ],
    clientTexts: [{ pattern: /^(?:UNIQUE|PRIMARY KEY) constraint failed/ }],
    transient: false,
    objects: [
      /^UNIQUE constraint failed: (?<constraint>[^\s,]+)/,
      firstQuoted('constraint'),
      /^Key \((?<column>[^)\n]*)\)=/,
    ],
    summary: 'A row with the same value exists already[ in {column}][ (constraint {constraint})]',
    remedies: [
      foreignConstraint,
      triggers,
      {
        do: 'If it is kv_store_pkey, look for another writer that inserts the same keys, or a data_version that was set back.',
        why: "denokv's set replaces a row; only a set with a versionstamp suffix inserts, and that suffix comes from data_version.",
      },
    ],
    fixture: 'unique_violation',
  },
  {
    id: 'check_violation',
    category: 'constraint',
    sqlstates: [{ code: '23514' }, { code: '44000' }],
    texts: [
      {
        pattern: whole('new row for relation "[^"]*" violates (?:check constraint "[^"]*"|partition constraint)'),
        sqlstate: '23514',
      },
      { pattern: whole('value for domain .* violates check constraint "[^"]*"'), sqlstate: '23514' },
      {
        pattern: whole('check constraint "[^"]*" (?:of relation "[^"]*" )?is violated by some row'),
        sqlstate: '23514',
      },
      { pattern: whole('no partition of relation "[^"]*" found for row'), sqlstate: '23514' },
      { pattern: opening('new row violates check option for view '), sqlstate: '44000' },
    ],
    clientTexts: [{ pattern: /^CHECK constraint failed/ }],
    transient: false,
    objects: [
      /relation "(?<relation>[^"]*)"/,
      /check constraint "(?<constraint>[^"]*)"/,
      /^CHECK constraint failed: (?<constraint>\S+)/,
    ],
    summary: 'The row breaks the check {constraint|of its table}[ on {relation}]',
    remedies: [foreignConstraint, relaxOrObey, triggers],
    fixture: 'check_violation',
  },
  {
    id: 'not_null_violation',
    category: 'constraint',
    sqlstates: [{ code: '23502' }],
    texts: [
      // "of relation" since 13.
      {
        pattern: whole('null value in column "[^"]*"(?: of relation "[^"]*")? violates not-null constraint'),
        sqlstate: '23502',
      },
      { pattern: whole('column "[^"]*" (?:of relation "[^"]*" )?contains null values'), sqlstate: '23502' },
      { pattern: whole('domain .* does not allow null values'), sqlstate: '23502' },
    ],
    clientTexts: [{ pattern: /^NOT NULL constraint failed/ }],
    transient: false,
    objects: [
      /column "(?<column>[^"]*)"(?: of relation "(?<relation>[^"]*)")?/,
      /^NOT NULL constraint failed: (?<column>\S+)/,
      firstQuoted('column'),
    ],
    summary: 'The column {column|of the row}[ of {relation}] must have a value and got none',
    remedies: [
      {
        do: 'Give the column a default, or drop the rule: ALTER TABLE ... ALTER COLUMN ... SET DEFAULT ... (or DROP NOT NULL).',
        why: "denokv's statements name only its own columns, so an added one stays empty.",
      },
      foreignConstraint,
      triggers,
    ],
    fixture: 'not_null_violation',
  },
  {
    id: 'foreign_key_violation',
    category: 'constraint',
    sqlstates: [{ code: '23503' }, { code: '23001' }],
    texts: [
      { pattern: opening('insert or update on table "[^"]*" violates foreign key constraint '), sqlstate: '23503' },
      { pattern: opening('update or delete on table "[^"]*" violates foreign key constraint '), sqlstate: '23503' },
      {
        pattern: opening('update or delete on table "[^"]*" violates RESTRICT setting of foreign key constraint '),
        sqlstate: '23001',
      },
    ],
    clientTexts: [{ pattern: /^FOREIGN KEY constraint failed/ }],
    transient: false,
    objects: [/on table "(?<relation>[^"]*)" violates [^"]*"(?<constraint>[^"]*)"/],
    summary:
      'A row would point to one that does not exist, or lose one that others point to[ ({constraint} on {relation})]',
    remedies: [foreignConstraint, triggers, relaxOrObey],
    fixture: 'foreign_key',
  },
  {
    id: 'exclusion_violation',
    category: 'constraint',
    sqlstates: [{ code: '23P01' }],
    texts: [{ pattern: opening('conflicting key value violates exclusion constraint '), sqlstate: '23P01' }],
    clientTexts: [],
    transient: false,
    objects: [firstQuoted('constraint')],
    summary: 'The row overlaps another one that the constraint {constraint|of the table} keeps apart',
    remedies: [foreignConstraint, relaxOrObey],
    fixture: 'exclusion',
  },
  {
    id: 'raised_exception',
    category: 'constraint',
    sqlstates: [{ code: 'P0001' }, { code: 'P0' }],
    // The text is whatever the author of a function wrote: without an SQLSTATE only the CONTEXT can tell (classify.ts).
    texts: [],
    clientTexts: [],
    transient: false,
    objects: [/^(?<text>[^\n]{1,160})/],
    summary: 'A function or trigger in the database refused the operation[: {text}]',
    remedies: [
      {
        do: 'Find its author: the CONTEXT of the Postgres entry names the function and its line; SELECT prosrc FROM pg_proc WHERE proname = name shows it.',
        why: 'The text is not one of Postgres, but of somebody who put a rule into the database.',
      },
      {
        do: 'List the triggers: SELECT tgrelid::regclass, tgname, tgfoid::regproc FROM pg_trigger WHERE NOT tgisinternal.',
        why: 'denokv creates none itself.',
      },
    ],
    fixture: 'trigger_raises',
  },
];
