import { lstatSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import type { SourceKind } from '../domain.ts';
import { Intake, inletStatus } from './inlet.ts';
import type { Inlet } from './inlet.ts';
import { troubleOf } from './io-trouble.ts';
import type { Trouble } from './io-trouble.ts';
import type { Spool } from './spool.ts';
import { SyslogFraming } from './syslog-framing.ts';
import { isContinuation, readSyslogHeader, toLine } from './syslog-message.ts';
import type { FileStatus } from './tail-handler.ts';
import { codeOf } from '../errors.ts';

export type SyslogAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string; readonly mode: number };

/** A source that is fed by the listener: the messages of its programs go into its spool. */
export interface SyslogTarget {
  readonly kind: SourceKind;
  /** Empty: every program's. */
  readonly programs: readonly string[];
  readonly spool: Spool;
}

const RELISTEN_DELAY_MS = 5000;
const MAX_CONNECTIONS = 256;
const EXAMPLE_CHARS = 40;

interface Connection {
  readonly socket: Socket;
  readonly framing: SyslogFraming;
  /** Where its last message went, and that message's header: lines without one go on with it. */
  target: Feed | null;
  header: string;
}

/** A target, and how it fares. */
interface Feed extends SyslogTarget {
  taken: number;
  /** Whose message was written last: a line that goes on with it may follow as it is. */
  last: Connection | null;
}

/** Takes syslog messages over TCP or a unix stream socket, RFC 5424 and 3164 alike, and puts each into the spool of the source that it belongs to. */
export class SyslogListener implements Inlet {
  readonly #address: SyslogAddress;
  readonly #feeds: readonly Feed[];
  readonly #intake: Intake;
  readonly #connections = new Set<Connection>();
  #server: Server | null = null;
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;
  #trouble: Trouble | null = null;
  #strangers = 0;
  #stranger: string | null = null;
  #truncated = 0;

  constructor(address: SyslogAddress, targets: readonly SyslogTarget[], backlogBytes: () => number) {
    this.#address = address;
    this.#feeds = targets.map((target) => ({ ...target, taken: 0, last: null }));
    this.#intake = new Intake({
      spools: targets.map(({ spool }) => spool),
      backlogBytes,
      pause: () => {
        for (const { socket } of this.#connections) socket.pause();
      },
      resume: () => {
        for (const { socket } of this.#connections) socket.resume();
      },
    });
  }

  /** The port that the system chose; null while nothing listens. */
  get port(): number | null {
    const address = this.#server?.address();
    return typeof address === 'object' ? (address?.port ?? null) : null;
  }

  start(): void {
    if (this.#server !== null || this.#stopped) return;
    const server = createServer((socket) => {
      this.#accept(socket);
    });
    this.#server = server;
    server.maxConnections = MAX_CONNECTIONS;
    server.on('error', (error) => {
      void this.#listenLater(server, error);
    });
    server.once('listening', () => {
      this.#trouble = null;
    });
    if (this.#address.kind === 'unix') listenAs(server, this.#address);
    else server.listen(this.#address.port, this.#address.host);
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    // Who has connected already is let in, and heard.
    await setImmediate();
    // The name of a unix socket goes with the server.
    this.#server?.close();
    const isDrained = this.#connections.size === 0 || (await this.#intake.drain());
    for (const connection of [...this.#connections]) this.#ended(connection);
    this.#intake.stop(isDrained);
  }

  status(): readonly FileStatus[] {
    const trouble = this.#trouble ?? this.#intake.trouble;
    return this.#feeds.map((feed) => inletStatus(feed.kind, this.#name, trouble, this.#tell(feed)));
  }

  get #name(): string {
    const address = this.#address;
    if (address.kind === 'unix') return `syslog:unix:${address.path}`;
    const host = address.host.includes(':') ? `[${address.host}]` : address.host;
    return `syslog:${host}:${String(this.port ?? address.port)}`;
  }

  #tell({ taken }: Feed): string {
    const passed =
      this.#strangers === 0
        ? ''
        : `, ${String(this.#strangers)} of other programs passed over (last: ${this.#stranger ?? ''})`;
    const cut = this.#truncated === 0 ? '' : `, ${String(this.#truncated)} cut`;
    return `${String(this.#connections.size)} connected; ${String(taken)} messages taken${passed}${cut}`;
  }

  #accept(socket: Socket): void {
    const connection: Connection = { socket, framing: new SyslogFraming(), target: null, header: '' };
    this.#connections.add(connection);
    try {
      for (const { spool } of this.#feeds) spool.mark();
      this.#trouble = null;
    } catch (error) {
      this.#trouble = troubleOf(error);
    }
    socket.on('data', (bytes) => {
      for (const message of connection.framing.push(bytes)) this.#take(connection, message.toString('latin1'));
      this.#intake.take();
    });
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.#ended(connection);
    });
  }

  #ended(connection: Connection): void {
    if (!this.#connections.delete(connection)) return;
    const rest = connection.framing.end();
    if (rest !== null) this.#take(connection, rest.toString('latin1'));
    this.#truncated += connection.framing.truncated;
    connection.socket.destroy();
    this.#intake.take();
    if (this.#connections.size > 0) return;
    for (const feed of this.#feeds) {
      feed.last = null;
      // Whether anything can still be on its way is known at the end of the stop.
      if (!this.#stopped) feed.spool.unmark();
    }
  }

  #take(connection: Connection, message: string): void {
    const header = readSyslogHeader(message);
    if (header === null && connection.target !== null && isContinuation(message)) {
      this.#goOn(connection, connection.target, message);
      return;
    }
    const target = this.#targetOf(header?.program ?? null);
    connection.target = target;
    connection.header = header?.text ?? '';
    if (target === null) {
      this.#strangers += 1;
      this.#stranger = (header?.program ?? message).slice(0, EXAMPLE_CHARS);
      return;
    }
    target.taken += 1;
    target.last = connection;
    target.spool.append(toLine(message));
  }

  /** Between two lines of one message another connection's may have been written: then the header tells whose it is. */
  #goOn(connection: Connection, target: Feed, message: string): void {
    target.spool.append(toLine(target.last === connection ? message : connection.header + message));
    target.last = connection;
  }

  #targetOf(program: string | null): Feed | null {
    const named = program === null ? undefined : this.#feeds.find(({ programs }) => programs.includes(program));
    return named ?? this.#feeds.find(({ programs }) => programs.length === 0) ?? null;
  }

  async #listenLater(server: Server, error: Error): Promise<void> {
    if (this.#server !== server) return;
    this.#server = null;
    const isStale = codeOf(error) === 'EADDRINUSE' && (await this.#removeStaleSocket());
    this.#trouble = troubleOfListening(error);
    if (!this.#stopped) {
      this.#timer = setTimeout(
        () => {
          this.start();
        },
        isStale ? 0 : RELISTEN_DELAY_MS,
      );
    }
  }

  /** A process that was killed leaves its socket's name behind; nobody answers there. */
  async #removeStaleSocket(): Promise<boolean> {
    const address = this.#address;
    if (address.kind !== 'unix' || lstatSync(address.path, { throwIfNoEntry: false })?.isSocket() !== true)
      return false;
    const answered = await new Promise<boolean>((resolve) => {
      const probe = connect(address.path);
      probe.once('connect', () => {
        probe.destroy();
        resolve(true);
      });
      probe.once('error', (error) => {
        resolve(codeOf(error) !== 'ECONNREFUSED');
      });
    });
    if (!answered) rmSync(address.path, { force: true });
    return !answered;
  }
}

const LISTEN_TROUBLES: Readonly<Record<string, Omit<Trouble, 'state'>>> = {
  EADDRINUSE: {
    reason: 'another program listens there',
    hint: 'stop it, or choose another address under syslog: listen:',
  },
  EADDRNOTAVAIL: { reason: 'this host has no such address', hint: 'check syslog: listen:' },
  EACCES: { reason: 'not allowed to listen there', hint: 'take a port above 1023, or a folder that whyd may write to' },
  ENOENT: {
    reason: 'the folder of the socket does not exist',
    hint: 'make it (RuntimeDirectory= in the systemd unit)',
  },
};

function troubleOfListening(error: Error): Trouble {
  const known = LISTEN_TROUBLES[codeOf(error) ?? ''];
  return known === undefined ? troubleOf(error) : { state: 'failing', ...known };
}

/** The socket is made within the call, with its mode from the first moment: one that were changed afterwards would let others in before, or keep them out. */
function listenAs(server: Server, { path, mode }: { readonly path: string; readonly mode: number }): void {
  const before = process.umask(0o777 & ~mode);
  try {
    server.listen(path);
  } finally {
    process.umask(before);
  }
}
