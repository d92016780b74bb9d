import type { IncidentRecord, Issue, Marker, SourceStatus, Verdict } from '../domain.ts';

/** What the stream tells, by the name of its event. */
export interface StreamEvents {
  readonly failure: Verdict;
  readonly 'verdict.revised': Verdict;
  readonly issue: Issue;
  readonly incident: IncidentRecord;
  readonly marker: Marker;
  readonly source: SourceStatus;
}

/** One who listens: a response that is never ended by itself. */
export interface StreamClient {
  write(bytes: string | Buffer): unknown;
  /** Bytes that were written and have not left yet. */
  readonly writableLength: number;
  destroy(): unknown;
  end(): unknown;
}

interface Frame {
  readonly id: number;
  readonly text: string;
}

export const MAX_CLIENTS = 256;
const HEARTBEAT_MS = 15_000;
const KEEP_FRAMES = 2000;
const KEEP_CHARS = 8 * 2 ** 20;
/** So many clients are written to before other work gets its turn: a round of a busy minute to all of them at once took seconds. */
const CLIENTS_PER_TURN = 8;
/** Who lets so much pile up has stopped reading: he is hung up on, and may resume by his last id. */
const MAX_BEHIND_BYTES = 4 * 2 ** 20;

/**
 * Hands out what happens to all who listen, and keeps the newest of it for those who come back. Ids grow over restarts too: they begin with the
 * time of the start, so that an id of an earlier run is known to be too old.
 */
export class StreamHub {
  /** Each with the id of the last event that it was sent. */
  readonly #clients = new Map<StreamClient, number>();
  readonly #frames: Frame[] = [];
  #keptChars = 0;
  #lastId: number;
  #heartbeat: NodeJS.Timeout | null = null;
  #dropped = 0;
  #turn: NodeJS.Immediate | null = null;

  constructor(startedMs: number) {
    this.#lastId = startedMs * 1000;
  }

  get clients(): number {
    return this.#clients.size;
  }

  /** How many were hung up on because they did not read. */
  get dropped(): number {
    return this.#dropped;
  }

  publish<Name extends keyof StreamEvents>(name: Name, data: StreamEvents[Name]): void {
    this.#lastId += 1;
    const text = `id: ${String(this.#lastId)}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
    this.#frames.push({ id: this.#lastId, text });
    this.#keptChars += text.length;
    while (this.#frames.length > KEEP_FRAMES || this.#keptChars > KEEP_CHARS) {
      this.#keptChars -= this.#frames.shift()?.text.length ?? 0;
    }
    this.#turn ??= setImmediate(() => {
      this.#sendOn();
    });
  }

  /**
   * @param lastId of the last event that the client has; null: it begins anew
   * @returns the releaser, or null when there are too many clients
   */
  join(client: StreamClient, lastId: number | null): (() => void) | null {
    if (this.#clients.size >= MAX_CLIENTS) return null;
    client.write('retry: 2000\n\n');
    if (lastId !== null) client.write(this.#since(lastId));
    this.#clients.set(client, this.#lastId);
    this.#heartbeat ??= setInterval(() => {
      for (const one of this.#clients.keys()) this.#write(one, ': still here\n\n');
    }, HEARTBEAT_MS).unref();
    return () => {
      this.#leave(client);
    };
  }

  /** Idempotent. */
  close(): void {
    if (this.#turn !== null) clearImmediate(this.#turn);
    this.#turn = null;
    for (const client of this.#clients.keys()) client.end();
    this.#clients.clear();
    this.#leave(null);
  }

  /** Brings some clients up to date, and leaves the others to the next turn. What clients miss alike is put together once. */
  #sendOn(): void {
    const missed = new Map<number, Buffer>();
    let written = 0;
    this.#turn = null;
    for (const [client, sentId] of this.#clients) {
      if (sentId === this.#lastId) continue;
      if (written === CLIENTS_PER_TURN) {
        this.#turn = setImmediate(() => {
          this.#sendOn();
        });
        return;
      }
      const bytes = missed.get(sentId) ?? Buffer.from(this.#since(sentId));
      missed.set(sentId, bytes);
      this.#clients.set(client, this.#lastId);
      this.#write(client, bytes);
      written += 1;
    }
  }

  /** What was missed; where it cannot be known any more, word that the client has to read anew. */
  #since(lastId: number): string {
    const oldest = this.#frames[0]?.id ?? this.#lastId + 1;
    if (lastId < oldest - 1 || lastId > this.#lastId) {
      return `id: ${String(this.#lastId)}\nevent: reset\ndata: {}\n\n`;
    }
    return this.#frames
      .filter(({ id }) => id > lastId)
      .map(({ text }) => text)
      .join('');
  }

  #write(client: StreamClient, bytes: string | Buffer): void {
    client.write(bytes);
    if (client.writableLength <= MAX_BEHIND_BYTES) return;
    this.#dropped += 1;
    this.#leave(client);
    client.destroy();
  }

  #leave(client: StreamClient | null): void {
    if (client !== null) this.#clients.delete(client);
    if (this.#clients.size > 0 || this.#heartbeat === null) return;
    clearInterval(this.#heartbeat);
    this.#heartbeat = null;
  }
}
