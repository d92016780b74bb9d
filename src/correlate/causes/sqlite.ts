import type { CauseRow } from './row.ts';

/** What SQLite says and no other row explains. */
export const sqliteCauses: readonly CauseRow[] = [
  {
    id: 'sqlite_error',
    category: 'sqlite',
    sqlstates: [],
    texts: [],
    clientTexts: [
      {
        pattern: /^(?:SQL logic error|locking protocol|large file support is disabled|constraint failed|unknown error)/,
      },
      {
        pattern:
          /^(?:bad parameter or other API misuse|callback requested query abort|abort due to ROLLBACK|auxiliary database format error)/,
      },
      { pattern: /^(?:cannot commit|cannot start a transaction|cannot rollback|error in (?:trigger|view|index) )/ },
      {
        pattern:
          /^(?:column index out of range|invalid parameter name|Wrong number of parameters|Multiple statements provided)/,
      },
      {
        pattern:
          /^(?:query aborted|too many SQL variables|Execute returned results|no such (?:index|module|savepoint|trigger|view)|parser stack overflow)/,
      },
      { pattern: /^(?:cannot (?:open|VACUUM|modify|use|attach|detach)|foreign key mismatch)\b/i },
      // Last of the catalogue's SQLite texts: the wrapper of older builds is the only sign left.
      { pattern: /^(?:Sqlite|SqliteFailure|rusqlite) ?error: / },
    ],
    transient: false,
    objects: [/^(?<text>[^\n]{1,160})/],
    summary: 'SQLite refused the operation[: {text}]',
    remedies: [
      {
        do: 'Check the file: sqlite3 FILE "PRAGMA integrity_check; PRAGMA journal_mode;", its owner, its folder and the room on its disk.',
        why: 'Most errors of SQLite come from the file or from another program that uses it.',
      },
      {
        do: 'Make sure that only one denokv opens the file, and that it does not lie on a network file system.',
        why: 'File locks over a network are not to be relied on.',
      },
    ],
    fixture: 'sqlite_error',
  },
];
