import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { GOOD_PREFIX } from '../../src/doctor/line-prefix.ts';
import { PostgresServer } from '../chaos/postgres-server.ts';

const SUPERUSER = 'denokv';

/** As denokv makes them when it starts. */
const SCHEMA = `
  CREATE TABLE kv_store (key bytea PRIMARY KEY, value bytea NOT NULL, value_encoding integer NOT NULL, versionstamp bytea NOT NULL,
    created_at timestamptz DEFAULT now(), updated_at timestamptz DEFAULT now(), expires_at bigint);
  CREATE INDEX idx_kv_versionstamp ON kv_store (versionstamp);
  CREATE INDEX idx_kv_expires_at ON kv_store (expires_at) WHERE expires_at IS NOT NULL;
  CREATE INDEX idx_kv_updated_at ON kv_store (updated_at);
  CREATE TABLE queue_messages (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), payload bytea NOT NULL, deadline bigint NOT NULL,
    keys_if_undelivered bytea[] NOT NULL, backoff_schedule integer[], created_at timestamptz DEFAULT now(), retry_count integer DEFAULT 0);
  CREATE TABLE queue_running (message_id uuid PRIMARY KEY REFERENCES queue_messages (id), deadline bigint NOT NULL,
    started_at timestamptz DEFAULT now(), updated_at timestamptz DEFAULT now());
  CREATE INDEX idx_queue_deadline ON queue_messages (deadline);
  CREATE INDEX idx_queue_running_deadline ON queue_running (deadline);
  CREATE TABLE data_version (k integer PRIMARY KEY DEFAULT 0, version bigint NOT NULL DEFAULT 0);
  INSERT INTO data_version VALUES (0, 7);
  INSERT INTO kv_store VALUES ('\\x0261', '\\x01', 3, '\\x00000000000000070000');`;

/** A real server in which all is as whyd likes it, until a test breaks something. */
export class LiveDatabase {
  readonly server: PostgresServer;
  readonly #folder: string;
  readonly #clients: Client[] = [];

  constructor(native: string) {
    this.#folder = mkdtempSync(join(tmpdir(), 'whyd-doctor-'));
    this.server = new PostgresServer(native, this.#folder);
  }

  async start(): Promise<void> {
    await this.server.start({
      log_destination: 'stderr,jsonlog',
      log_line_prefix: GOOD_PREFIX,
      log_lock_waits: 'on',
      log_file_mode: '0640',
      log_timezone: 'UTC',
      autovacuum: 'off',
    });
    await this.run('postgres', [
      'CREATE ROLE kv LOGIN',
      'CREATE ROLE watcher LOGIN IN ROLE pg_monitor',
      'CREATE ROLE stranger LOGIN',
      'CREATE DATABASE kv OWNER kv',
    ]);
    const owner = await this.connect('kv', 'kv');
    await owner.query(SCHEMA);
    await owner.query('GRANT SELECT ON data_version TO watcher');
    await owner.query('ANALYZE');
  }

  address(user: string, database = 'kv', application = ''): string {
    const name = application === '' ? '' : `&application_name=${application}`;
    return `postgresql://${user}@/${database}?host=${encodeURIComponent(this.server.socketFolder)}${name}`;
  }

  async connect(user: string, database = 'kv', application = 'denokv'): Promise<Client> {
    const client = new Client({ host: this.server.socketFolder, user, database, application_name: application });
    client.on('error', () => undefined);
    await client.connect();
    this.#clients.push(client);
    return client;
  }

  /** As superuser, one statement a transaction. Settings that a reload brings are in force when it returns. */
  async run(database: string, statements: readonly string[]): Promise<void> {
    const client = await this.connect(SUPERUSER, database, 'test');
    for (const statement of statements) {
      for (const one of statement.includes('pg_reload_conf') ? statement.split('; ') : [statement]) {
        await (one.includes('pg_reload_conf') ? this.#reload(client, one) : client.query(one));
      }
    }
    await this.close(client);
  }

  async #reload(client: Client, statement: string): Promise<void> {
    const loadedAt = async (): Promise<string> => {
      const { rows } = await client.query<{ at: string }>('SELECT pg_conf_load_time()::text AS at');
      return rows[0]?.at ?? '';
    };
    const before = await loadedAt();
    await client.query(statement);
    while ((await loadedAt()) === before) await sleep(5);
  }

  async close(client: Client): Promise<void> {
    this.#clients.splice(this.#clients.indexOf(client), 1);
    await client.end();
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) await client.end().catch(() => undefined);
    await this.server.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
