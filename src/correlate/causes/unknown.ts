import { opening, whole } from './pattern.ts';
import type { CauseRow } from './row.ts';

/**
 * The honest answer when nothing in the catalogue fits. Its texts are Postgres' own words for errors that have no row: they give the SQLSTATE,
 * and keep the text from being taken for an application's.
 */
export const unknownCause: CauseRow = {
  id: 'unknown',
  category: 'unknown',
  sqlstates: [],
  texts: [
    {
      pattern: whole(
        '(?:relation|type|index|column|constraint|schema|role) "[^"]*" (?:of relation "[^"]*" |for relation "[^"]*" )?already exists',
      ),
      sqlstate: null,
    },
    {
      pattern: whole('there is no unique or exclusion constraint matching the ON CONFLICT specification'),
      sqlstate: '42P10',
    },
    { pattern: whole('ON CONFLICT DO UPDATE command cannot affect row a second time'), sqlstate: '21000' },
    { pattern: whole('more than one row returned by a subquery used as an expression'), sqlstate: '21000' },
    { pattern: whole('column reference "[^"]*" is ambiguous'), sqlstate: '42702' },
    { pattern: whole('function .* is not unique'), sqlstate: '42725' },
    { pattern: whole('prepared statement "[^"]*" already exists'), sqlstate: '42P05' },
    {
      pattern: whole(
        '(?:type|index|trigger|role|constraint|collation) "[^"]*"(?: (?:of|for) (?:relation|table) "[^"]*")? does not exist',
      ),
      sqlstate: '42704',
    },
    { pattern: whole('cannot insert a non-DEFAULT value into column "[^"]*"'), sqlstate: '428C9' },
    { pattern: whole('control reached end of function without RETURN'), sqlstate: '2F005' },
    { pattern: opening('cannot [a-z]+ [a-z ]*because '), sqlstate: null },
    { pattern: opening('could not '), sqlstate: null },
  ],
  clientTexts: [],
  transient: false,
  objects: [/^(?<text>[^\n]{1,160})/],
  summary: 'The cause is not known[; Postgres reported SQLSTATE {sqlstate} ({class})][: {text}]',
  remedies: [
    {
      do: 'Read the entry of the Postgres log at this time, with its DETAIL, CONTEXT and STATEMENT.',
      why: 'The catalogue has no row for this error; the text is all that is known.',
    },
    {
      do: "Set log_line_prefix = '%m [%p] %l %e %x %q%u@%d ' and log_error_verbosity = default, then SELECT pg_reload_conf().",
      why: 'With the SQLSTATE and the session in each line the next failure can be told apart.',
    },
  ],
  fixture: 'unknown',
};
