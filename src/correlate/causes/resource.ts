import type { Remedy } from '../../domain.ts';
import { opening, whole } from './pattern.ts';
import type { CauseRow } from './row.ts';

const largeObjects: Remedy = {
  do: 'Find what grew: SELECT relname, pg_size_pretty(pg_total_relation_size(oid)) FROM pg_class ORDER BY pg_total_relation_size(oid) DESC LIMIT 20; du -sh of pg_wal and of the log folder.',
  why: 'Write-ahead log kept for a dead replication slot is a common surprise (pg_replication_slots).',
};

/** Something of the host or the server ran out. */
export const resourceCauses: readonly CauseRow[] = [
  {
    id: 'disk_full',
    category: 'resource',
    sqlstates: [{ code: '53100' }],
    texts: [
      { pattern: opening('could not [^:\\n]*: (?:No space left on device|Disk quota exceeded)'), sqlstate: '53100' },
      { pattern: opening('could not (?:extend|write to) file "[^"]*": wrote only '), sqlstate: '53100' },
    ],
    clientTexts: [{ pattern: /^database or disk is full/ }],
    transient: false,
    objects: [/^could not [^"\n]*"(?<file>[^"]*)"/],
    summary: 'The disk is full[: Postgres could not write {file}]',
    remedies: [
      {
        do: 'Make room: df -h and df -i on the data directory, pg_wal and every tablespace (\\db+); enlarge the volume or move what does not belong there.',
        why: 'Nothing but room helps; never delete files inside the data directory by hand.',
      },
      largeObjects,
      {
        do: 'Set an alert at 80% of the volume.',
        why: 'A full disk can stop the whole server, not only this request.',
      },
    ],
    fixture: 'disk_full',
  },
  {
    id: 'out_of_memory',
    category: 'resource',
    sqlstates: [{ code: '53200' }],
    texts: [
      { pattern: whole('out of memory'), sqlstate: '53200' },
      { pattern: opening('could not fork new process for connection'), sqlstate: null, confidence: 0.9 },
      { pattern: opening('could not (?:map|create|resize) [^:\\n]*: Cannot allocate memory'), sqlstate: '53200' },
    ],
    clientTexts: [{ pattern: /^out of memory/ }],
    transient: true,
    objects: [/Failed on request of size (?<size>\d+)/],
    summary: 'The server could not get memory[ (a request of {size} bytes)]',
    remedies: [
      {
        do: 'Compare free -m with shared_buffers + max_connections x work_mem, and lower work_mem or max_connections.',
        why: 'Each sort or hash of each session may take work_mem.',
      },
      {
        do: 'Look for the limit of the service or the container (MemoryMax, cgroup memory.max) and raise it.',
        why: 'Postgres can be refused memory while the host has plenty.',
      },
    ],
    fixture: 'out_of_memory_plain',
  },
  {
    id: 'out_of_locks',
    category: 'resource',
    sqlstates: [
      { code: '53200', message: /shared memory|Shared Memory|mémoire partagée|memoria compartida|共有メモリ/ },
    ],
    texts: [{ pattern: whole('out of shared memory'), sqlstate: '53200' }],
    clientTexts: [],
    transient: true,
    objects: [],
    summary: "The server's lock table is full",
    remedies: [
      {
        do: 'Find who holds so many: SELECT pid, count(*) FROM pg_locks GROUP BY pid ORDER BY 2 DESC LIMIT 5.',
        why: 'One transaction that touches thousands of tables, partitions or advisory locks fills the table for all.',
      },
      {
        do: 'Raise max_locks_per_transaction (needs a restart).',
        why: 'The table has room for that number times max_connections.',
      },
    ],
    fixture: 'out_of_memory',
  },
  {
    id: 'temp_limit',
    category: 'resource',
    sqlstates: [{ code: '53400' }],
    texts: [{ pattern: opening('temporary file size exceeds temp_file_limit'), sqlstate: '53400' }],
    clientTexts: [],
    transient: false,
    objects: [/temp_file_limit["»«”]? \((?<limit>[^)\n]*)\)/],
    summary: 'The statement wrote more temporary files than temp_file_limit allows[ ({limit})]',
    remedies: [
      {
        do: 'Raise work_mem for the role, so that the sort stays in memory, or raise temp_file_limit.',
        why: 'Sorts and hashes go to disk when they outgrow work_mem.',
      },
      {
        do: 'Look at the statement with EXPLAIN (ANALYZE, BUFFERS); ANALYZE kv_store.',
        why: "denokv's statements follow the primary key and need no large sort; a missing index or a trigger does.",
      },
    ],
    fixture: 'temp_file_limit',
  },
  {
    id: 'size_limit',
    category: 'resource',
    sqlstates: [{ code: '54000' }, { code: '54001' }, { code: '54' }],
    texts: [
      { pattern: whole('out of memory'), detail: /^Cannot enlarge string buffer/, sqlstate: '54000' },
      { pattern: opening('string buffer exceeds maximum allowed length'), sqlstate: '54000' },
      { pattern: opening('index row size \\d+ exceeds '), sqlstate: '54000' },
      { pattern: opening('index row requires \\d+ bytes'), sqlstate: '54000' },
      { pattern: opening('row is too big: '), sqlstate: '54000' },
      { pattern: whole('null character not permitted'), sqlstate: '54000' },
      { pattern: opening('(?:array size|total size of jsonb [a-z ]+) exceeds the maximum'), sqlstate: '54000' },
      { pattern: opening('database is not accepting commands '), sqlstate: '54000' },
      { pattern: whole('stack depth limit exceeded'), sqlstate: '54001' },
      { pattern: opening('(?:tables|target lists) can have at most '), sqlstate: '54011' },
    ],
    clientTexts: [{ pattern: /^string or blob too big/ }],
    transient: false,
    objects: [
      /^(?<limit>index row size \d+ exceeds [^\n"]+ for index "[^"]*")/,
      /^(?<limit>(?:index row requires|row is too big|stack depth|null character|string buffer)[^\n]*?)(?: at character \d+)?$/,
      /(?<limit>Cannot enlarge string buffer[^\n.]*)/,
      /^(?<limit>database is not accepting commands [^\n]*)/,
    ],
    summary: 'A built-in limit of the server was reached[: {limit}]',
    remedies: [
      {
        do: 'If an index row is too large, shorten the keys or the value that the index covers; a B-tree takes at most about 2,700 bytes.',
        why: "denokv's key is the primary key of kv_store.",
      },
      {
        do: 'Split large values; Deno KV itself allows 64 KiB a value and 2 KiB a key.',
        why: 'A single row or string of Postgres ends at about 1 GB, and a trigger may multiply what it gets.',
      },
      {
        do: 'If the database takes no commands, run VACUUM in it as a superuser at once, and find the oldest transaction, replication slot or prepared transaction.',
        why: 'Postgres stops before its transaction numbers wrap around.',
      },
    ],
    fixture: 'index_row_size',
  },
  {
    id: 'io_error',
    category: 'resource',
    sqlstates: [{ code: '58030' }, { code: '58P01' }, { code: '58' }],
    texts: [
      {
        pattern: opening('could not [^:\\n]*: (?:Input/output error|Read-only file system|Structure needs cleaning)'),
        sqlstate: '58030',
      },
      { pattern: opening('could not [^:\\n]*: No such file or directory'), sqlstate: '58P01' },
    ],
    clientTexts: [{ pattern: /^disk I\/O error/ }, { pattern: /^unable to open database file/ }],
    transient: false,
    objects: [/^could not [^"\n]*"(?<file>[^"]*)"/],
    summary: 'A file of the database could not be read or written[: {file}]',
    remedies: [
      {
        do: 'Read dmesg -T and smartctl -a of the device, and stop the server before any repair.',
        why: 'Input and output errors come from the disk, the controller or the volume below, and get worse.',
      },
      {
        do: 'If the file is missing, find out what removed it (a clean-up job, an unmounted tablespace), and restore from a backup if it was a data file.',
        why: 'Postgres cannot rebuild a data file that is gone.',
      },
    ],
    fixture: 'file_missing',
  },
];
