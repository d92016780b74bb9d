import { Client, DatabaseError, type QueryResultRow } from 'pg';
import { parse, toClientConfig } from 'pg-connection-string';
import { codeOf, EXIT, WhydError } from '../../errors.ts';

export interface ConnectionLimits {
  readonly connectMs: number;
  readonly statementMs: number;
}

export const LIMITS: ConnectionLimits = { connectMs: 5_000, statementMs: 5_000 };

/** A row, its columns as pg gives them. */
export type Row = QueryResultRow;

/** One transaction that reads only, and ends by being rolled back. */
export interface ReadOnlyDatabase {
  /** Rows of one query, within a bound of time. A failure leaves the transaction usable. */
  query(sql: string, parameters?: readonly unknown[]): Promise<readonly Row[]>;
  /** The same without that bound, which is a setting itself: for reading the settings. */
  queryUnbounded(sql: string, parameters?: readonly unknown[]): Promise<readonly Row[]>;
  close(): Promise<void>;
}

/** Why there is no connection, without the password. */
export interface ConnectionTrouble {
  /** user@host:port/database. */
  readonly address: string;
  readonly reason: string;
  /** SQLSTATE or the system's code. */
  readonly code: string | null;
}

export class ConnectionError extends Error {
  readonly trouble: ConnectionTrouble;

  constructor(trouble: ConnectionTrouble) {
    super(trouble.reason);
    this.trouble = trouble;
  }
}

/** Reads an address. Throws WhydError (exit 78) without repeating it. */
export function readAddress(url: string): {
  readonly config: ReturnType<typeof toClientConfig>;
  readonly shown: string;
} {
  try {
    if (!/^postgres(?:ql)?:\/\//i.test(url)) throw new Error('no address');
    // sslmode as libpq and denokv understand it: "require" asks for encryption, not for a certificate that is known here.
    const config = toClientConfig(parse(url, { useLibpqCompat: true }));
    // pg would take the list for one name.
    if (config.host?.includes(',') === true) throw new Error('several hosts');
    const { user = '', host = 'localhost', port = 5432, database } = config;
    return { config, shown: `${user}@${host}:${String(port)}/${database ?? user}` };
  } catch {
    throw new WhydError(
      'postgres.bad_url',
      'the address of the database is not of the form postgresql://user:password@host:port/database',
      {
        hint: 'Write it on one line of the file; percent-encode special characters of the password; one host only.',
        exitCode: EXIT.badConfiguration,
      },
    );
  }
}

/** Connects and opens a transaction that can only read. Throws ConnectionError, or WhydError for an address that cannot be read. */
export async function openDatabase(url: string, limits: ConnectionLimits = LIMITS): Promise<ReadOnlyDatabase> {
  const { config, shown } = readAddress(url);
  const client = new Client({
    ...config,
    application_name: 'whyd doctor',
    connectionTimeoutMillis: limits.connectMs,
    // The server's own timeout comes first; this is for a server that does not answer at all.
    query_timeout: limits.statementMs + 1_000,
  });
  // A connection that breaks while nothing is asked would else end the process; the next query says so.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED READ ONLY');
  } catch (error) {
    await client.end().catch(() => undefined);
    throw new ConnectionError({ address: shown, ...reasonOf(error, config.password) });
  }
  return new Transaction(client, limits.statementMs);
}

class Transaction implements ReadOnlyDatabase {
  readonly #client: Client;
  readonly #statementMs: number;

  constructor(client: Client, statementMs: number) {
    this.#client = client;
    this.#statementMs = statementMs;
  }

  query(sql: string, parameters: readonly unknown[] = []): Promise<readonly Row[]> {
    // Set again each time: the savepoint takes it back.
    return this.#probe(
      sql,
      parameters,
      `SET LOCAL statement_timeout = ${String(this.#statementMs)}; SET LOCAL lock_timeout = 1000`,
    );
  }

  queryUnbounded(sql: string, parameters: readonly unknown[] = []): Promise<readonly Row[]> {
    return this.#probe(sql, parameters, '');
  }

  async #probe(sql: string, parameters: readonly unknown[], before: string): Promise<readonly Row[]> {
    await this.#client.query('SAVEPOINT probe');
    try {
      await this.#client.query(before);
      const { rows } = await this.#client.query<Row>(sql, [...parameters]);
      return rows;
    } finally {
      // A broken connection has said so already.
      await this.#client.query('ROLLBACK TO SAVEPOINT probe').catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    await this.#client.query('ROLLBACK').catch(() => undefined);
    await this.#client.end().catch(() => undefined);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name of the host could not be resolved',
  ENOENT: 'there is no such socket',
  EACCES: 'the socket may not be used by this user',
  EHOSTUNREACH: 'no route to the host',
  ETIMEDOUT: 'no answer in time',
};

function reasonOf(error: unknown, password: unknown): { readonly reason: string; readonly code: string | null } {
  const code = codeOf(error);
  const says = error instanceof DatabaseError ? error.message : (REASONS[code ?? ''] ?? messageOf(error));
  // No message is known to hold it; one that did would end in a ticket.
  const reason = typeof password === 'string' && password !== '' ? says.replaceAll(password, '***') : says;
  return { reason, code };
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
