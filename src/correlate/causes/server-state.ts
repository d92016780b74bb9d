import type { Remedy } from '../../domain.ts';
import { opening, whole } from './pattern.ts';
import type { CauseRow } from './row.ts';

const readLog: Remedy = {
  do: 'Read the Postgres log just before this time, and journalctl -u postgresql.',
  why: 'The reason stands there, under another pid.',
};

/** The connection went because of what happened to the server as a whole, or by an administrator's act. */
export const serverStateCauses: readonly CauseRow[] = [
  {
    id: 'backend_terminated',
    category: 'connection',
    // A shutdown uses the same words and the same code: only the postmaster's entries nearby tell.
    sqlstates: [{ code: '57P01', confidence: 0.7 }],
    texts: [
      { pattern: whole('terminating connection due to administrator command'), sqlstate: '57P01', confidence: 0.7 },
    ],
    clientTexts: [],
    transient: true,
    objects: [],
    summary: 'An administrator or a tool ended the connection (pg_terminate_backend or a signal)',
    remedies: [
      {
        do: 'Find who called pg_terminate_backend: scripts that end idle or long sessions, a pooler, DROP DATABASE ... WITH (FORCE), a failover tool.',
        why: 'Postgres logs that the session ended, not who asked for it.',
      },
      {
        do: 'Try the request again.',
        why: 'denokv opens a new connection by itself.',
      },
    ],
    fixture: 'terminate_backend',
  },
  {
    id: 'server_shutdown',
    category: 'connection',
    sqlstates: [
      { code: '57P01', message: /immediate shutdown/ },
      { code: '57P03', message: /shutting down|fährt herunter|s'arrête|apagándose|シャットダウン/ },
    ],
    texts: [
      { pattern: whole('the database system is shutting down'), sqlstate: '57P03' },
      { pattern: whole('terminating connection due to immediate shutdown command'), sqlstate: '57P01' },
      { pattern: whole('received (?:smart|fast|immediate) shutdown request'), sqlstate: null },
      { pattern: whole('database system is shut down'), sqlstate: null },
    ],
    clientTexts: [],
    transient: true,
    objects: [/(?<mode>smart|fast|immediate) shutdown/],
    summary: 'Postgres was being stopped or restarted[ ({mode} shutdown)]',
    remedies: [
      {
        do: 'See who stopped it: journalctl -u postgresql, unattended upgrades, a failover or backup tool.',
        why: 'The server stops only on request; the log has the request but not its author.',
      },
      {
        do: 'Plan restarts for a quiet time, and let clients try again for a minute.',
        why: 'denokv reconnects by itself once the server is ready.',
      },
    ],
    fixture: 'shutting_down',
  },
  {
    id: 'server_crash',
    category: 'connection',
    sqlstates: [{ code: '57P02' }, { code: '57P01', message: /unexpected postmaster exit/ }],
    texts: [
      { pattern: whole('terminating connection because of crash of another server process'), sqlstate: '57P02' },
      { pattern: whole('terminating connection due to unexpected postmaster exit'), sqlstate: '57P01' },
      // "server process" up to 17, "client backend" and other names of backend types from 18.
      {
        pattern: opening('[a-z][a-z ]{2,60}(?: "[^"]*")? \\(PID \\d+\\) was terminated by (?:signal|exception) '),
        sqlstate: null,
      },
      { pattern: opening('(?:server process|client backend) \\(PID \\d+\\) exited with exit code '), sqlstate: null },
      { pattern: whole('all server processes terminated; reinitializing'), sqlstate: null },
      {
        pattern: opening('database system was not properly shut down; automatic recovery in progress'),
        sqlstate: null,
      },
    ],
    clientTexts: [],
    transient: true,
    objects: [/\(PID (?<pid>\d+)\) was terminated by (?<signal>(?:signal|exception) [^\n]+)/],
    summary: 'A server process crashed[ (pid {pid}, {signal})] and Postgres dropped every connection to recover',
    remedies: [
      {
        do: 'On signal 9 look for the out-of-memory killer: dmesg -T | grep -i "killed process"; then lower work_mem or max_connections, or set vm.overcommit_memory = 2.',
        why: 'The kernel kills the largest process when memory runs out.',
      },
      {
        do: 'On signal 6 or 11 read the DETAIL "Failed process was running" and look for a core dump and for extensions in that statement.',
        why: 'A crash of Postgres itself is a defect of the server, an extension or the memory; keep the version up to date.',
      },
      readLog,
    ],
    fixture: 'crash_own',
  },
  {
    id: 'server_starting',
    category: 'connection',
    sqlstates: [{ code: '57P03' }],
    texts: [
      {
        pattern: whole('the database system is (?:starting up|in recovery mode|not (?:yet )?accepting connections)'),
        sqlstate: '57P03',
      },
    ],
    clientTexts: [],
    transient: true,
    objects: [/^the database system is (?<state>starting up|in recovery mode|not (?:yet )?accepting connections)/],
    summary: 'Postgres was not ready yet after a start or a crash[: it was {state}]',
    remedies: [
      {
        do: 'Wait for "database system is ready to accept connections" in the log, and let clients try again.',
        why: 'Recovery replays the write-ahead log written since the last checkpoint and then opens by itself.',
      },
      readLog,
      {
        do: 'If recovery takes long, lower max_wal_size or checkpoint_timeout.',
        why: 'Less write-ahead log has to be replayed after the next crash.',
      },
    ],
    fixture: 'restart_immediate',
  },
];
