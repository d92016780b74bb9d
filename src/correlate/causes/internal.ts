import { opening, whole } from './pattern.ts';
import type { CauseRow } from './row.ts';

/** The server met something that should not be, or only repeats an earlier error. */
export const internalCauses: readonly CauseRow[] = [
  {
    id: 'corrupted_data',
    category: 'internal',
    sqlstates: [{ code: 'XX001' }, { code: 'XX002' }],
    texts: [
      { pattern: opening('invalid page (?:in block|header in block) '), sqlstate: 'XX001' },
      { pattern: opening('page verification failed, '), sqlstate: 'XX001' },
      { pattern: opening('could not read blocks? \\d+(?:\\.\\.\\d+)? in file "[^"]*": read only '), sqlstate: 'XX001' },
      { pattern: opening('(?:missing|unexpected) chunk number '), sqlstate: 'XX001' },
      { pattern: opening('compressed (?:pglz|lz4) data is corrupt'), sqlstate: 'XX001' },
      { pattern: opening('found xmin \\d+ from before relfrozenxid '), sqlstate: 'XX001' },
      { pattern: opening('index "[^"]*" (?:contains|is not a) '), sqlstate: 'XX002' },
      { pattern: opening("right sibling's left-link doesn't match"), sqlstate: 'XX002' },
    ],
    clientTexts: [
      { pattern: /^database disk image is malformed/ },
      { pattern: /^malformed database schema/ },
      { pattern: /^file is not a database/ },
    ],
    transient: false,
    objects: [/of relation (?<relation>[^\s;]+)/, /^index "(?<relation>[^"]*)"/, /in file "(?<relation>[^"]*)"/],
    summary: 'Stored data is damaged[ in {relation}]: Postgres or SQLite read a page that cannot be right',
    remedies: [
      {
        do: 'Stop writing and take a copy of the data directory (or the SQLite file) before any repair.',
        why: 'A repair can destroy what could still be saved.',
      },
      {
        do: 'Name the table: SELECT pg_filenode_relation(0, FILENODE); if it is an index, REINDEX it, else check with pg_amcheck --heapallindexed.',
        why: 'A damaged index can be rebuilt from its table; a damaged table needs a backup.',
      },
      {
        do: 'Restore from a backup, and test the disk and the memory of the host.',
        why: 'Postgres does not damage pages by itself: storage, memory or a copied file did.',
      },
    ],
    fixture: 'corrupted_page',
  },
  {
    id: 'internal_error',
    category: 'internal',
    sqlstates: [{ code: 'XX000' }],
    texts: [
      { pattern: opening('cache lookup failed for '), sqlstate: 'XX000' },
      { pattern: opening('could not find tuple for '), sqlstate: 'XX000' },
      { pattern: opening('could not open relation with OID '), sqlstate: 'XX000' },
      { pattern: opening('pg_[a-z_]+ catalog is missing '), sqlstate: 'XX000' },
      { pattern: whole('invalid memory alloc request size \\d+'), sqlstate: 'XX000' },
      { pattern: whole('tuple (?:concurrently (?:updated|deleted)|already updated by self)'), sqlstate: 'XX000' },
      { pattern: opening('unrecognized node type: '), sqlstate: 'XX000' },
      { pattern: opening('unexpected data beyond EOF in block '), sqlstate: 'XX000' },
    ],
    clientTexts: [{ pattern: /^No runtime specified/ }],
    transient: false,
    objects: [/^(?<text>[^\n]{1,160})/],
    summary: 'The server met an error in its own working[: {text}]',
    remedies: [
      {
        do: 'If objects were dropped or created anew at this time, try again and restart denokv.',
        why: 'A session can hold on to an object that is gone; most such errors end with the session.',
      },
      {
        do: 'If it stays, run pg_amcheck, look at the extensions in use, and update to the newest minor release.',
        why: 'Catalog damage and known defects show in this way.',
      },
    ],
    fixture: 'cache_lookup',
  },
  {
    id: 'transaction_aborted',
    category: 'internal',
    sqlstates: [{ code: '25P02' }],
    texts: [
      {
        pattern: opening('current transaction is aborted, commands ignored until end of transaction block'),
        sqlstate: '25P02',
      },
    ],
    clientTexts: [],
    transient: true,
    objects: [],
    summary: 'An earlier statement of the same transaction failed, and this one could not run any more',
    remedies: [
      {
        do: 'Take the earlier error of the same backend pid in the Postgres log.',
        why: 'That one is the cause; this one only follows from it.',
      },
    ],
    fixture: 'transaction_aborted',
  },
];
