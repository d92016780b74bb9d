import { LiveStream, type LiveState } from './live-stream.ts';
import type { StreamEvent } from './sse-parser.ts';

export type LiveEventType = 'failure' | 'verdict.revised' | 'issue' | 'incident' | 'marker' | 'source' | 'reset';

export interface LiveEvent {
  readonly type: LiveEventType;
  readonly data: unknown;
}

const TYPES: ReadonlySet<string> = new Set<LiveEventType>([
  'failure',
  'verdict.revised',
  'issue',
  'incident',
  'marker',
  'source',
  'reset',
]);

/** A hidden tab gives its connection back: a browser has six for each host, and an operator opens more tabs than that. */
const HIDDEN_GRACE_MS = 20_000;

/** The first questions wait for the stream: what is asked once it is there need not be asked again. A proxy that holds it back is waited for so long. */
const READY_WAIT_MS = 2_000;

/** The stream, shared by all that is on the page. */
export class LiveFeed {
  state: LiveState = 'connecting';
  /** Since when it is lost, or null. */
  lostSinceMs: number | null = null;
  readonly #stream: LiveStream;
  readonly #eventListeners = new Set<(event: LiveEvent) => void>();
  readonly #stateListeners = new Set<(state: LiveState) => void>();
  readonly #returnListeners = new Set<() => void>();
  readonly #ready: Promise<void>;
  #isReady = false;
  #resolveReady: () => void = () => undefined;
  #readyTimer: ReturnType<typeof setTimeout> | undefined;
  #hiddenTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(token: () => string | null) {
    this.#ready = new Promise((resolve) => {
      this.#resolveReady = resolve;
    });
    this.#stream = new LiveStream({
      token,
      onEvent: (event) => {
        this.#hand(event);
      },
      onState: (state) => {
        this.#become(state);
      },
    });
  }

  start(): void {
    this.#readyTimer = setTimeout(this.#beReady, READY_WAIT_MS);
    this.#stream.start();
    document.addEventListener('visibilitychange', this.#onVisibility);
  }

  stop(): void {
    document.removeEventListener('visibilitychange', this.#onVisibility);
    clearTimeout(this.#hiddenTimer);
    clearTimeout(this.#readyTimer);
    this.#stream.stop();
  }

  /** Resolves once the stream is there, or is not to be had at once. */
  ready(): Promise<void> {
    return this.#ready;
  }

  /** Tells when the stream is there and something may have happened unheard since the first question was asked. */
  onReturn(listener: () => void): () => void {
    this.#returnListeners.add(listener);
    return () => this.#returnListeners.delete(listener);
  }

  /** Connects at once instead of waiting for the next attempt. */
  retry(): void {
    this.#stream.stop();
    this.#stream.start();
  }

  onEvent(listener: (event: LiveEvent) => void): () => void {
    this.#eventListeners.add(listener);
    return () => this.#eventListeners.delete(listener);
  }

  onState(listener: (state: LiveState) => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  readonly #onVisibility = (): void => {
    clearTimeout(this.#hiddenTimer);
    if (document.hidden) {
      this.#hiddenTimer = setTimeout(() => {
        this.#stream.stop();
      }, HIDDEN_GRACE_MS);
    } else {
      this.#stream.start();
    }
  };

  #hand({ type, data }: StreamEvent): void {
    if (!isLiveType(type)) return;
    const parsed = parse(data);
    for (const listener of this.#eventListeners) listener({ type, data: parsed });
  }

  #become(state: LiveState): void {
    this.state = state;
    if (state === 'live' || state === 'paused') this.lostSinceMs = null;
    else if (state === 'lost') this.lostSinceMs ??= Date.now();
    for (const listener of this.#stateListeners) listener(state);
    if (state === 'live' && this.#isReady) for (const listener of this.#returnListeners) listener();
    if (state !== 'connecting') this.#beReady();
  }

  readonly #beReady = (): void => {
    clearTimeout(this.#readyTimer);
    this.#isReady = true;
    this.#resolveReady();
  };
}

function isLiveType(type: string): type is LiveEventType {
  return TYPES.has(type);
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}
