import { buildApi } from './api/app.ts';
import { loadOrCreateToken } from './api/token.ts';
import type { Config } from './config/config.ts';
import type { Verdict } from './domain.ts';
import { EXIT, WhydError } from './errors.ts';
import { Ingest } from './ingest.ts';
import { LiveJoiner } from './live-joiner.ts';
import { answerWhy } from './query/why.ts';
import { openIndex } from './store/open-index.ts';
import { Tailer } from './tailers/tailer.ts';
import { systemClock } from './time/system-clock.ts';

export interface DaemonHooks {
  /** A verdict became final. */
  readonly onFailure: (verdict: Verdict) => void;
  /** Something that the person should know, in one sentence. */
  readonly onMessage: (message: string) => void;
  readonly signal: AbortSignal;
}

export interface RunningDaemon {
  readonly url: string;
  readonly token: string;
  /** Rejects when the daemon can't go on; a daemon that ends only when told stays pending. */
  readonly finished: Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}

export interface DaemonSettings {
  readonly version: string;
  /** Wake-ups by the file system; all works without, only a little later. */
  readonly watch: boolean;
}

const FLUSH_INTERVAL_MS = 100;
const JOIN_INTERVAL_MS = 250;
/** A join that takes long is not run again at once: at most a quarter of the time goes into joining. */
const JOIN_REST_FACTOR = 3;

/** Starts the daemon: tailer -> parsers -> index -> joiner -> API. What is opened is closed in the reverse order, also when starting fails half-way. */
export async function startDaemon(config: Config, hooks: DaemonHooks, { version, watch }: DaemonSettings): Promise<RunningDaemon> {
  const releasers: (() => Promise<void> | void)[] = [];
  const close = async (): Promise<void> => {
    for (let release = releasers.pop(); release !== undefined; release = releasers.pop()) await release();
  };
  try {
    const tailed: { tailer: Tailer | null } = { tailer: null };
    const index = openIndex(config.index.path, { liveSources: () => ingest.describe(tailed.tailer?.status() ?? []) });
    releasers.push(() => { index.close(); });

    const joiner: LiveJoiner = new LiveJoiner({
      index,
      identity: presentOnly(config.identity),
      hasPostgres: config.sources.some(({ kind }) => kind === 'postgres'),
      nowMs: Date.now,
      onSettled: hooks.onFailure,
      readPast: (ms) => (tailed.tailer?.status() ?? []).every(({ fileId, atEnd, endSeenAtMs }) => fileId === null || (atEnd && (endSeenAtMs ?? 0) >= ms)),
    });
    const ingest: Ingest = new Ingest({
      index,
      sources: config.sources,
      checkpoint: (fileId, safeOffset) => tailed.tailer?.checkpoint(fileId, safeOffset) ?? null,
      onEvents: (events) => { joiner.add(events); },
      nowMs: Date.now,
    });
    const tailer = new Tailer({
      sources: config.sources,
      handler: ingest,
      checkpoints: { byIdentity: (identity) => index.checkpointByIdentity(identity), byPath: (path) => index.checkpointByPath(path) },
      watch,
      signal: hooks.signal,
    });
    tailed.tailer = tailer;
    releasers.push(() => tailer.stop());

    const token = await loadOrCreateToken(config.api.tokenFile);
    const app = buildApi({
      reader: index,
      why: (query) => answerWhy(index, query, systemClock()),
      token,
      version,
      health: () => healthOf(tailer),
      allowedHosts: [config.api.listen.host, 'localhost', '127.0.0.1', '::1'],
      onError: (error) => { hooks.onMessage(`a request failed: ${messageOf(error)}`); },
    });
    releasers.push(() => app.close());
    const url = await app.listen({ host: config.api.listen.host, port: config.api.listen.port }).catch((error: unknown) => { throw cannotListen(config, error); });

    await tailer.start();
    const onTrouble = (error: unknown): void => { hooks.onMessage(`trying again: ${messageOf(error)}`); };
    releasers.push(every(FLUSH_INTERVAL_MS, () => { ingest.flushIdle(); }, onTrouble));
    releasers.push(every(JOIN_INTERVAL_MS, () => { joiner.join(); }, onTrouble));
    return { url, token, finished: tailer.done, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Runs `work` again and again, each time after a rest in proportion to how long it took; returns the releaser. */
function every(intervalMs: number, work: () => void, onTrouble: (error: unknown) => void): () => void {
  let timer = setTimeout(run, intervalMs);
  let stopped = false;
  function run(): void {
    const startedMs = performance.now();
    try {
      work();
    } catch (error) {
      // A full disk or a busy index passes; what was not written is still held and written then.
      onTrouble(error);
    }
    if (!stopped) timer = setTimeout(run, Math.max(intervalMs, (performance.now() - startedMs) * JOIN_REST_FACTOR));
  }
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function healthOf(tailer: Tailer): 'starting' | 'ok' | 'failing' {
  const files = tailer.status();
  if (files.some(({ state }) => state === 'failing')) return 'failing';
  return files.every(({ fileId, endSeenAtMs }) => fileId === null || endSeenAtMs !== null) ? 'ok' : 'starting';
}

function presentOnly(identity: Config['identity']): ConstructorParameters<typeof LiveJoiner>[0]['identity'] {
  return Object.fromEntries(Object.entries(identity).filter(([, value]) => value !== null));
}

function cannotListen(config: Config, error: unknown): WhydError {
  const { host, port } = config.api.listen;
  const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  return new WhydError('api.cannot_listen', `cannot listen on ${host}:${String(port)}${inUse ? ': another program does already' : ''}`, {
    hint: inUse ? 'stop the other whyd, or choose another address with --listen' : 'choose another address with --listen',
    exitCode: EXIT.failure,
    cause: error,
  });
}
