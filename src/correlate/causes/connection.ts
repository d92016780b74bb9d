import type { Remedy } from '../../domain.ts';
import { firstQuoted, opening, whole } from './pattern.ts';
import type { CauseRow } from './row.ts';

const isReady: Remedy = {
  do: 'Run pg_isready -h HOST -p PORT from the host of denokv.',
  why: 'It tells a server that is down from a network or a firewall that is in between.',
};

const readLog: Remedy = {
  do: 'Read the Postgres log just before this time, and journalctl -u postgresql.',
  why: 'The reason stands there, under another pid.',
};

const checkUrl: Remedy = {
  do: "Check host, port, user and database of denokv's connection URL.",
  why: 'They are used for each new connection, so a change bites long after the start.',
};

/** No connection could be made, or the one in use went away. */
export const connectionCauses: readonly CauseRow[] = [
  {
    id: 'connection_refused',
    category: 'connection',
    sqlstates: [{ code: '08001' }, { code: '08004' }],
    texts: [],
    clientTexts: [{ pattern: /^error connecting to server/ }, { pattern: /^timeout waiting for server/ }],
    transient: true,
    objects: [
      /^error connecting to server: (?<reason>[^\n(]+?)(?: \(os error \d+\))?$/,
      /^error connecting to server: (?<reason>failed to lookup address information)/,
      /^(?<reason>timeout waiting for server)$/,
    ],
    summary: 'denokv could not reach Postgres[: {reason}]',
    remedies: [
      isReady,
      readLog,
      checkUrl,
      {
        do: 'On the server check SHOW listen_addresses, SHOW port and the firewall.',
        why: 'A refused connection means that nothing listens at that address and port.',
      },
    ],
    fixture: 'restart_fast',
  },
  {
    id: 'connection_lost',
    category: 'connection',
    sqlstates: [
      { code: '08003' },
      { code: '08006' },
      { code: '08P01', message: /^server conn crashed\?/ },
      { code: '08' },
    ],
    texts: [
      { pattern: whole('connection to client lost'), sqlstate: '08006' },
      { pattern: opening('could not (?:receive data from|send data to) client: '), sqlstate: '08006' },
      { pattern: opening('unexpected EOF on client connection'), sqlstate: '08006' },
      { pattern: opening('server conn crashed\\?'), sqlstate: '08P01' },
    ],
    clientTexts: [
      // One text for every way to lose a connection: what ended it stands elsewhere, if anywhere.
      { pattern: /^connection closed/, confidence: 0.5 },
      { pattern: /^error communicating with the server/, confidence: 0.6 },
    ],
    transient: true,
    objects: [
      /^(?:error communicating with the server|could not (?:receive|send) data (?:from|to) client): (?<reason>[^\n(]+?)(?: \(os error \d+\))?$/,
    ],
    summary: 'The connection between denokv and Postgres went away[: {reason}]',
    remedies: [
      readLog,
      {
        do: 'Look for what cuts idle connections between the two: a firewall, a load balancer, a pooler (server_idle_timeout); shorten tcp_keepalives_idle.',
        why: 'Such a device drops a quiet connection without telling either end.',
      },
      isReady,
    ],
    fixture: 'socket_killed',
  },
  {
    id: 'authentication_failed',
    category: 'connection',
    sqlstates: [{ code: '28000' }, { code: '28P01' }, { code: '28' }],
    texts: [
      { pattern: opening('password authentication failed for user '), sqlstate: '28P01' },
      { pattern: whole('empty password returned by client'), sqlstate: '28P01' },
      { pattern: opening('no pg_hba\\.conf entry for '), sqlstate: '28000' },
      { pattern: opening('pg_hba\\.conf rejects '), sqlstate: '28000' },
      { pattern: opening('[A-Za-z][A-Za-z0-9" -]{1,30} authentication failed for user '), sqlstate: '28000' },
      { pattern: whole('role "[^"]*" is not permitted to log in'), sqlstate: '28000' },
      { pattern: whole('role "[^"]*" does not exist'), sqlstate: '28000', fatal: true },
      { pattern: whole('no PostgreSQL user name specified in startup packet'), sqlstate: '28000' },
      { pattern: whole('connection requires a valid client certificate'), sqlstate: '28000' },
    ],
    clientTexts: [
      { pattern: /^authentication error/ },
      // Mostly "password missing": the server asks for one and the URL has none.
      { pattern: /^invalid (?:configuration|connection string)/, confidence: 0.7 },
    ],
    transient: false,
    objects: [/\b(?:user|role) "(?<role>[^"]*)"/, /\bfor host "(?<host>[^"]*)"/, /\bdatabase "(?<database>[^"]*)"/],
    summary: 'Postgres did not let denokv sign in[ as {role}][ from {host}][ to database {database}]',
    remedies: [
      {
        do: "Try the very credentials: psql 'URL of denokv' from denokv's host.",
        why: 'The answer names what is refused: the password, the role or the host.',
      },
      {
        do: 'After a change of password, write the new one into the connection URL and restart denokv.',
        why: 'Open connections go on working; only new ones fail.',
      },
      {
        do: 'Check the first fitting line of SELECT * FROM pg_hba_file_rules, then SELECT pg_reload_conf().',
        why: 'The first line that fits decides; the server log names it in its DETAIL.',
      },
    ],
    fixture: 'password_changed',
  },
  {
    id: 'database_missing',
    category: 'connection',
    sqlstates: [
      { code: '3D000' },
      {
        code: '55000',
        message:
          /^database "[^"]*" is not currently accepting connections|^cannot connect to invalid database|Datenbank »[^«]*« akzeptiert/,
      },
    ],
    texts: [
      { pattern: whole('database "[^"]*" does not exist'), sqlstate: '3D000' },
      { pattern: whole('database "[^"]*" is not currently accepting connections'), sqlstate: '55000' },
      { pattern: opening('cannot connect to invalid database '), sqlstate: '55000' },
    ],
    clientTexts: [],
    transient: false,
    objects: [firstQuoted('database')],
    summary: 'The database {database|of the connection URL} does not exist or takes no connections',
    remedies: [
      {
        do: 'List them: SELECT datname, datallowconn FROM pg_database; allow connections again with ALTER DATABASE name ALLOW_CONNECTIONS true.',
        why: 'It was renamed, dropped, or closed for maintenance.',
      },
      checkUrl,
    ],
    fixture: 'database_renamed',
  },
  {
    id: 'tls_failure',
    category: 'connection',
    sqlstates: [{ code: '08P01', message: /\bSSL (?:connection|error)|\bTLS\b/ }],
    texts: [
      { pattern: opening('could not accept SSL connection'), sqlstate: '08P01' },
      { pattern: opening('SSL error: '), sqlstate: '08P01' },
    ],
    clientTexts: [{ pattern: /^error performing TLS handshake/ }],
    transient: false,
    objects: [/^(?:error performing TLS handshake|could not accept SSL connection|SSL error): (?<reason>[^\n]+)/],
    summary: 'denokv and Postgres could not agree on an encrypted connection[: {reason}]',
    remedies: [
      {
        do: "Check sslmode in denokv's URL against SHOW ssl and the hostssl lines of pg_hba.conf.",
        why: 'One side insists on what the other does not offer.',
      },
      {
        do: 'Check the certificate: openssl s_client -starttls postgres -connect HOST:PORT -showcerts.',
        why: 'An expired certificate or an unknown issuer ends the handshake.',
      },
    ],
    fixture: 'tls_failure',
  },
  {
    id: 'protocol_error',
    category: 'connection',
    sqlstates: [{ code: '08P01' }, { code: '0A000', message: /^unsupported frontend protocol/ }],
    texts: [
      {
        pattern: opening(
          'invalid (?:frontend message type|length of startup packet|startup packet layout|message format)',
        ),
        sqlstate: '08P01',
      },
      { pattern: opening('received unencrypted data after (?:SSL|GSSAPI encryption) request'), sqlstate: '08P01' },
      { pattern: opening('bind message (?:supplies|has) \\d+ '), sqlstate: '08P01' },
      { pattern: opening('(?:insufficient|no) data left in message'), sqlstate: '08P01' },
      { pattern: opening('unsupported frontend protocol '), sqlstate: '0A000' },
    ],
    clientTexts: [
      { pattern: /^unexpected message from server/ },
      { pattern: /^error parsing response from server/ },
      { pattern: /^error encoding message to server/ },
      { pattern: /^expected \d+ parameters but got \d+/ },
    ],
    transient: false,
    objects: [/^(?:error parsing response from|error encoding message to) server: (?<reason>[^\n]+)/],
    summary: 'denokv and what answers at the address of Postgres do not speak the same protocol[: {reason}]',
    remedies: [
      {
        do: 'Check that the URL leads to Postgres itself, with the right port, and try without the pooler or proxy in between.',
        why: 'A proxy that mixes up sessions, or another service on that port, gives messages out of turn.',
      },
      checkUrl,
    ],
    fixture: 'protocol_error',
  },
];
