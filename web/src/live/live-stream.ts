import { authorization } from '../api-client.ts';
import { SseParser, type StreamEvent } from './sse-parser.ts';

export type LiveState = 'connecting' | 'live' | 'lost' | 'denied' | 'paused';

export interface LiveStreamParts {
  readonly token: () => string | null;
  readonly onEvent: (event: StreamEvent) => void;
  readonly onState: (state: LiveState) => void;
  readonly fetch?: typeof fetch;
  /** Waits between attempts grow from the first to the last of these. */
  readonly waitsMs?: readonly number[];
}

const WAITS_MS = [500, 1_000, 2_000, 5_000, 10_000];
/** The daemon sends a heartbeat every 15 s: after this silence the connection is taken for dead. */
const SILENCE_MS = 40_000;

/**
 * `/v1/stream`, read through fetch because an EventSource cannot send an Authorization header. After a break it goes on behind the last
 * event that was seen.
 */
export class LiveStream {
  readonly #parts: LiveStreamParts;
  #lastId: string | null = null;
  #stop: AbortController | null = null;

  constructor(parts: LiveStreamParts) {
    this.#parts = parts;
  }

  /** Idempotent. */
  start(): void {
    if (this.#stop !== null) return;
    const stop = new AbortController();
    this.#stop = stop;
    void this.#run(stop.signal);
  }

  /** Idempotent; `start` takes it up again where it was left. */
  stop(): void {
    if (this.#stop === null) return;
    this.#stop.abort();
    this.#stop = null;
    this.#parts.onState('paused');
  }

  async #run(signal: AbortSignal): Promise<void> {
    const waits = this.#parts.waitsMs ?? WAITS_MS;
    let failures = 0;
    const isOver = (): boolean => signal.aborted;
    while (!isOver()) {
      this.#tell('connecting', signal);
      const end = await this.#connect(signal);
      if (isOver()) return;
      if (end === 'denied') {
        this.#tell('denied', signal);
        return;
      }
      failures = end === 'was_live' ? 0 : failures + 1;
      this.#tell('lost', signal);
      await pause(waits[Math.min(failures, waits.length - 1)] ?? 1_000, signal);
    }
  }

  async #connect(signal: AbortSignal): Promise<'denied' | 'was_live' | 'failed'> {
    const connection = new AbortController();
    const watchdog = new Watchdog(SILENCE_MS, connection);
    let wasLive = false;
    try {
      const response = await (this.#parts.fetch ?? fetch)('/v1/stream', {
        headers: {
          accept: 'text/event-stream',
          ...authorization(this.#parts.token()),
          ...(this.#lastId === null ? {} : { 'last-event-id': this.#lastId }),
        },
        cache: 'no-store',
        signal: AbortSignal.any([signal, connection.signal]),
      });
      if (response.status === 401) return 'denied';
      if (!response.ok || response.body === null) return 'failed';
      wasLive = true;
      this.#tell('live', signal);
      await this.#read(response.body, watchdog, signal);
    } catch {
      // However a connection ends, the answer is to connect again.
    } finally {
      watchdog.end();
      connection.abort();
    }
    return wasLive ? 'was_live' : 'failed';
  }

  async #read(body: ReadableStream<Uint8Array>, watchdog: Watchdog, signal: AbortSignal): Promise<void> {
    const parser = new SseParser();
    const decoder = new TextDecoder();
    const reader = body.getReader();
    while (true) {
      const { value, done } = await reader.read();
      if (done || signal.aborted) return;
      watchdog.feed();
      for (const event of parser.push(decoder.decode(value, { stream: true }))) {
        if (event.id !== null) this.#lastId = event.id;
        this.#parts.onEvent(event);
      }
    }
  }

  #tell(state: LiveState, signal: AbortSignal): void {
    if (!signal.aborted) this.#parts.onState(state);
  }
}

/** Ends a connection on which nothing comes any more. */
class Watchdog {
  readonly #silenceMs: number;
  readonly #connection: AbortController;
  #timer: ReturnType<typeof setTimeout>;

  constructor(silenceMs: number, connection: AbortController) {
    this.#silenceMs = silenceMs;
    this.#connection = connection;
    this.#timer = this.#arm();
  }

  feed(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#arm();
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #arm(): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      this.#connection.abort();
    }, this.#silenceMs);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal.addEventListener('abort', finish);
  });
}
