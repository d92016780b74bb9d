import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Operation } from '../../src/domain.ts';
import { READ, SET } from './schema.ts';

/** One 500 as the stand-in knows it. */
export interface Told {
  /** Of its `Database error:` line, from 1. */
  readonly line: number;
  readonly operation: Operation;
  readonly scenario: string;
  /** What the server said; null where the connection was gone without a word. */
  readonly error: ServerError | null;
}

/** An error as a client receives it, and which of its session's it was. */
export interface ServerError {
  readonly code: string;
  readonly message: string;
  /** The backend; null where it never got so far as to say it. */
  readonly pid: number | null;
  /** From 0, among all that this session received. */
  readonly rank: number;
}

const MAX_SESSIONS = 16;
/** Before a client asks again, milliseconds. */
const RETRY_MS = 200;
const RETRIES = 3;

/**
 * Does to a real Postgres what denokv does, and logs what denokv 0.7.14 logs (facts of its sources and captures: the same SQL, one pool, two lines a failed write,
 * one a failed read). It knows which session met which error, which no log says: so the join can be judged on any version of Postgres.
 */
export class StandIn {
  readonly told: Told[] = [];
  scenario = 'start';
  readonly #log: string;
  readonly #host: string;
  readonly #idle: Session[] = [];
  #open = 0;
  #lines = 0;
  #statements = 0;

  /** `log` is where it writes; `host` the folder of the server's socket. */
  constructor(log: string, host: string) {
    this.#log = log;
    this.#host = host;
    this.#say(
      'INFO',
      'denokv',
      `Opened PostgreSQL database at postgresql://kv@localhost/postgres?application_name=denokv`,
    );
  }

  /** A client that asks until it is told to stop, and again where it gets a 500, as Deno's does. */
  async ask(words: readonly string[], isOver: () => boolean): Promise<void> {
    for (let turn = 0; !isOver(); turn += 1) {
      const operation = turn % 4 === 3 ? 'snapshot_read' : 'atomic_write';
      const key = keyOf(words[turn % words.length] ?? '', turn % 20);
      for (let attempt = 0; attempt <= RETRIES && !isOver(); attempt += 1) {
        if (await this.#answers(operation, key)) break;
        await sleep(RETRY_MS + Math.random() * 100);
      }
      await sleep(5 + Math.random() * 40);
    }
  }

  /** Closes what is idle: settings of a role hold for new sessions. */
  async forget(): Promise<void> {
    const sessions = this.#idle.splice(0);
    this.#open -= sessions.length;
    await Promise.all(sessions.map(async (session) => session.close()));
  }

  /** False for a 500. */
  async #answers(operation: 'atomic_write' | 'snapshot_read', key: Buffer): Promise<boolean> {
    try {
      await (operation === 'atomic_write' ? this.#write(key) : this.#read(key));
      return true;
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      const said = error.isConnecting
        ? `Connection failed: Failed to get connection: Error occurred while creating a new object: ${error.message}`
        : `Database error: ${error.message}`;
      if (operation === 'atomic_write') this.#say('ERROR', 'denokv', `atomic_write failed: ${said}`);
      const line = this.#say('ERROR', 'denokv', `Database error: ${said}`);
      this.told.push({ line, operation, scenario: this.scenario, error: error.server });
      return false;
    }
  }

  async #write(key: Buffer): Promise<void> {
    const session = await this.#take();
    try {
      await session.run('START TRANSACTION');
      await session.run('UPDATE data_version SET version = version + 1 WHERE k = 0 RETURNING version', []);
      await session.run('SELECT versionstamp FROM kv_store WHERE key = $1', [key]);
      await session.run(SET, [key, Buffer.from('value'), 1, Buffer.from('0000000001'), null]);
      await session.run('COMMIT');
    } catch (error) {
      // As denokv's transaction does when it is dropped: nobody waits for it.
      void session
        .run('ROLLBACK')
        .catch(() => undefined)
        .finally(() => {
          this.#give(session);
        });
      throw error;
    }
    this.#give(session);
  }

  async #read(key: Buffer): Promise<void> {
    const session = await this.#take();
    try {
      await session.run(READ, [key, Buffer.concat([key, Buffer.from([0xff])]), 100]);
    } finally {
      this.#give(session);
    }
  }

  async #take(): Promise<Session> {
    for (;;) {
      const session = this.#idle.pop();
      if (session?.isDead === false) return session;
      if (session !== undefined) this.#drop();
      else if (this.#open < MAX_SESSIONS) return await this.#begin();
      else await sleep(2);
    }
  }

  async #begin(): Promise<Session> {
    this.#open += 1;
    const session = new Session(this.#host, {
      name: () => `s${String(this.#statements++)}`,
      onEnd: (message) => {
        this.#say('WARN', 'deadpool.postgres', `Connection error: ${message}`);
      },
      onNotice: (text) => {
        this.#say('INFO', 'tokio_postgres::connection', text);
      },
    });
    try {
      await session.begin();
      return session;
    } catch (error) {
      this.#open -= 1;
      throw error;
    }
  }

  #give(session: Session): void {
    if (session.isDead) this.#drop();
    else this.#idle.push(session);
  }

  #drop(): void {
    this.#open -= 1;
    this.#say('INFO', 'deadpool.postgres', 'Connection could not be recycled: Connection closed');
  }

  /** As env_logger prints it; returns the number of the line. */
  #say(level: string, target: string, text: string): number {
    const stamp = `${new Date().toISOString().slice(0, 19)}Z`;
    const lines = `[${stamp} ${level.padEnd(5)} ${target}] ${text}`.replaceAll('\n', '\n    ');
    appendFileSync(this.#log, `${lines}\n`);
    const line = this.#lines + 1;
    this.#lines += lines.split('\n').length;
    return line;
  }
}

/** A request's error; the message is what tokio-postgres shows of it. */
class Failed extends Error {
  readonly server: ServerError | null;
  readonly isConnecting: boolean;

  constructor(message: string, server: ServerError | null, isConnecting = false) {
    super(message);
    this.server = server;
    this.isConnecting = isConnecting;
  }
}

interface SessionNews {
  /** For the next prepared statement. */
  readonly name: () => string;
  readonly onEnd: (message: string) => void;
  readonly onNotice: (text: string) => void;
}

class Session {
  readonly #client: pg.Client;
  readonly #news: SessionNews;
  #pid: number | null = null;
  #received = 0;
  /** What ended it, if the server said. */
  #end: Failed | null = null;

  constructor(host: string, news: SessionNews) {
    this.#news = news;
    this.#client = new pg.Client({ host, user: 'kv', database: 'postgres', application_name: 'denokv' });
    this.#client.on('error', (error) => {
      if (this.#end !== null) return;
      this.#end = this.#failed(error);
      news.onEnd(this.#end.message);
    });
    this.#client.on('notice', ({ severity, message }) => {
      news.onNotice(`${severity ?? ''}: ${message ?? ''}`);
    });
  }

  get isDead(): boolean {
    return this.#end !== null;
  }

  async begin(): Promise<void> {
    try {
      await this.#client.connect();
    } catch (error) {
      const { message, server } = (this.#end ??= this.#failed(error));
      throw new Failed(message, server, true);
    }
    const { rows } = await this.#client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    this.#pid = rows[0]?.pid ?? null;
  }

  async run(text: string, values?: readonly unknown[]): Promise<void> {
    // A second request that meets a dead connection hears no more than that.
    if (this.#end !== null) throw new Failed('connection closed', null);
    try {
      await (values === undefined
        ? this.#client.query(text)
        : this.#client.query({ name: this.#news.name(), text, values: [...values] }));
    } catch (error) {
      // The connection's own end comes as an event, with what the server said.
      throw this.#ended() ?? this.#failed(error);
    }
  }

  /** An event may have set it since it was last looked at. */
  #ended(): Failed | null {
    return this.#end;
  }

  async close(): Promise<void> {
    this.#end = new Failed('connection closed', null);
    await this.#client.end().catch(() => undefined);
  }

  #failed(error: unknown): Failed {
    if (!(error instanceof pg.DatabaseError)) return new Failed('connection closed', null);
    const { severity = '', message, detail, hint, code = '' } = error;
    const parts = [`db error: ${severity}: ${message}`];
    if (detail !== undefined) parts.push(`DETAIL: ${detail}`);
    if (hint !== undefined) parts.push(`HINT: ${hint}`);
    return new Failed(parts.join('\n'), { code, message, pid: this.#pid, rank: this.#received++ });
  }
}

/** In Deno's codec: a word, and which of its keys. */
function keyOf(word: string, number: number): Buffer {
  return Buffer.from(`\u0002${word}\0\u0002u${String(number)}\0`);
}
