import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { answersFrom, teller } from './answers.ts';
import { tellBackFill } from './back-fill.ts';
import { buildApi } from './api/app.ts';
import { createMetrics } from './api/metrics.ts';
import { StreamHub } from './api/stream-hub.ts';
import { loadTokens, readTls } from './api-secrets.ts';
import { every, type Chore } from './chore.ts';
import type { Config } from './config/config.ts';
import { isSpell } from './correlate/incidents.ts';
import { issueSeedOf } from './correlate/issue-seed.ts';
import type { Verdict } from './domain.ts';
import { EXIT, WhydError } from './errors.ts';
import { feedSources } from './fed-sources.ts';
import { FollowedLogs } from './followed-logs.ts';
import { Ingest } from './ingest.ts';
import { LiveJoiner } from './live-joiner.ts';
import { openIndex } from './store/open-index.ts';
import type { WhydIndex } from './store/whyd-index.ts';
import type { CheckpointLookup } from './tailers/file-checkpoint.ts';
import { JournalFollower } from './tailers/journal-follower.ts';
import { Tailer } from './tailers/tailer.ts';
import { TroubleTeller } from './trouble-teller.ts';

export interface DaemonHooks {
  /** A verdict became final. */
  readonly onFailure: (verdict: Verdict) => void;
  /** Something that the person should know, in one sentence. */
  readonly onMessage: (message: string) => void;
  /** Aborted when the person asks to stop, also while it is still starting. */
  readonly signal: AbortSignal;
}

export interface RunningDaemon {
  readonly url: string;
  readonly token: string;
  /** Settles when the daemon ends by itself; rejects when it fails. A daemon that ends only when told stays pending. */
  readonly finished: Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}

export interface DaemonSettings {
  readonly version: string;
  /** Wake-ups by the file system; all works without, only a little later. */
  readonly watch: boolean;
}

/** Where the build puts the dashboard: seen from src and from dist, it is the same folder. */
const WEB_FOLDER = fileURLToPath(new URL('../dist/web', import.meta.url));

const FLUSH_INTERVAL_MS = 100;
const JOIN_INTERVAL_MS = 250;
/** A step of pruning takes some milliseconds. */
const PRUNE_INTERVAL_MS = 500;
const PRUNE_REST_MS = 60_000;
const PROGRESS_INTERVAL_MS = 2000;
/** Until when whyd was there, as the next run knows it: at a path that is new to it, whatever was made since then is read. */
const SEEN_INTERVAL_MS = 60_000;

/** Starts the daemon: tailer -> parsers -> index -> joiner -> API. What is opened is closed in the reverse order, also when starting fails half-way. */
export async function startDaemon(
  config: Config,
  hooks: DaemonHooks,
  { version, watch }: DaemonSettings,
): Promise<RunningDaemon> {
  const releasers: (() => Promise<void> | void)[] = [];
  const close = async (): Promise<void> => {
    for (let release = releasers.pop(); release !== undefined; release = releasers.pop()) await release();
  };
  try {
    const logs = new FollowedLogs();
    const index = openIndex(config.index.path, {
      exclusive: true,
      liveSources: () => ingest.describe(logs.status()),
      seedOf: issueSeedOf,
      isSpell,
    });
    releasers.push(() => {
      index.close();
    });

    const fed = feedSources(config, process.stdin, (path) => logs.lagBytes(path));
    for (const inlet of fed.inlets) releasers.push(() => inlet.stop());

    const isFirstRun = index.isNew;
    const sinceMs = horizonMs(index, config);
    const seenMs = index.meta('seen_ms');
    const stream = new StreamHub(Date.now());
    releasers.push(() => {
      stream.close();
    });
    const metrics = createMetrics({
      version,
      sources: () => index.sources(),
      databaseBytes: () => index.stats.sizeBytes(),
      openIssues: () => index.issues.countOpen(Date.now()),
      openIncidents: () => index.incidents.countOpen(Date.now()),
      streamClients: () => stream.clients,
      nowMs: Date.now,
    });
    const joiner: LiveJoiner = new LiveJoiner({
      index,
      identity: presentOnly(config.identity),
      hasPostgres: config.sources.some(({ kind }) => kind === 'postgres'),
      nowMs: Date.now,
      onSettled: hooks.onFailure,
      onSaved: teller(index, stream, metrics),
      readPast: (ms) => logs.readPast(ms),
    });
    const ingest: Ingest = new Ingest({
      index,
      sources: fed.sources,
      files: logs,
      sinceUs: sinceMs === null ? null : sinceMs * 1000,
      startedMs: Date.now(),
      onEvents: (events) => {
        joiner.add(events);
      },
      nowMs: Date.now,
    });
    const checkpoints: CheckpointLookup = {
      byIdentity: (identity) => index.checkpointByIdentity(identity),
      byPath: (path) => index.checkpointByPath(path),
      generations: (identity) => index.generations(identity),
      inFolder: (folder) => index.checkpointsInFolder(folder),
      openedAtMs: (checkpoint) => index.openedAtMs(checkpoint),
    };
    const tailer = new Tailer({
      sources: fed.sources,
      handler: ingest,
      checkpoints,
      watch,
      sinceMs,
      readsHistory: isFirstRun,
      ...(seenMs === null ? {} : { unseenSinceMs: Number(seenMs) }),
      gapBefore: fed.gapBefore,
      unpackFolder: join(dirname(config.index.path), 'unpacked'),
      signal: hooks.signal,
    });
    const journals = config.sources.flatMap(({ kind, journalUnit: unit }) =>
      unit === undefined ? [] : [new JournalFollower({ kind, unit, handler: ingest, checkpoints, sinceMs })],
    );
    logs.are(tailer, journals, fed.inlets);
    releasers.push(() => tailer.stop());
    for (const journal of journals)
      releasers.push(() => {
        journal.stop();
      });

    const { tokens, token } = await loadTokens(config.api);
    const app = buildApi({
      ...answersFrom(index),
      stream,
      metrics: metrics.show,
      tokens: () => tokens,
      version,
      webFolder: WEB_FOLDER,
      health: () => healthOf(logs),
      allowedHosts: [config.api.listen.host, 'localhost', '127.0.0.1', '::1', ...(config.api.hosts ?? [])],
      tls: readTls(config.api),
      isBehindProxy: config.api.isBehindProxy ?? false,
      ...(config.api.rateLimit === undefined ? {} : { rateLimit: config.api.rateLimit }),
      onError: (error) => {
        hooks.onMessage(`a request failed: ${messageOf(error)}`);
      },
    });
    releasers.push(() => app.close());
    const url = await app
      .listen({ host: config.api.listen.host, port: config.api.listen.port })
      .catch((error: unknown) => {
        throw cannotListen(config, error);
      });

    for (const journal of journals) await journal.start();
    await tailer.start();
    for (const inlet of fed.inlets) inlet.start();
    const chores: readonly Chore[] = [
      {
        intervalMs: FLUSH_INTERVAL_MS,
        work: () => {
          ingest.flushIdle();
        },
      },
      {
        intervalMs: JOIN_INTERVAL_MS,
        work: () => {
          joiner.join();
        },
      },
      { intervalMs: PRUNE_INTERVAL_MS, work: pruning(index, config) },
      {
        intervalMs: SEEN_INTERVAL_MS,
        work: () => {
          const ms = Date.now() - SEEN_INTERVAL_MS;
          if (logs.readPast(ms)) index.setMeta('seen_ms', String(ms));
        },
      },
      {
        intervalMs: PROGRESS_INTERVAL_MS,
        work: tellBackFill({
          status: () => logs.status(),
          facts: () => ingest.backFill,
          oldFiles: () => tailer.oldFiles,
          horizonMs: isFirstRun ? sinceMs : null,
          indexPath: config.index.path,
          say: hooks.onMessage,
        }),
      },
    ];
    for (const chore of chores) releasers.push(every(chore, new TroubleTeller(hooks.onMessage)));
    return { url, token, finished: tailer.done, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The first start says how far back the logs are read, once and for all: what a restart finds old was not old to begin with. */
function horizonMs(index: WhydIndex, { sinceMs = null }: Config): number | null {
  const stored = index.meta('since_ms');
  if (stored !== null) return stored === '' ? null : Number(stored);
  const horizon = sinceMs === null || !index.isNew ? null : Date.now() - sinceMs;
  index.setMeta('since_ms', horizon === null ? '' : String(horizon));
  return horizon;
}

/** Looks once a minute what is too old or too much, and then takes it away step by step. */
function pruning(index: WhydIndex, { index: { keep } }: Config): () => void {
  let dueMs = 0;
  return () => {
    if (Date.now() < dueMs) return;
    if (!index.prune(keep, Date.now())) dueMs = Date.now() + PRUNE_REST_MS;
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function healthOf(logs: FollowedLogs): 'starting' | 'ok' | 'failing' {
  const files = logs.status();
  if (files.some(({ state }) => state === 'failing')) return 'failing';
  return files.every(({ fileId, endSeenAtMs }) => fileId === null || endSeenAtMs !== null) ? 'ok' : 'starting';
}

function presentOnly(identity: Config['identity']): ConstructorParameters<typeof LiveJoiner>[0]['identity'] {
  return Object.fromEntries(Object.entries(identity).filter(([, value]) => value !== null));
}

function cannotListen(config: Config, error: unknown): WhydError {
  const { host, port } = config.api.listen;
  const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  return new WhydError(
    'api.cannot_listen',
    `cannot listen on ${host}:${String(port)}${inUse ? ': another program does already' : ''}`,
    {
      hint: inUse
        ? 'stop the other whyd, or choose another address with --listen'
        : 'choose another address with --listen',
      exitCode: EXIT.failure,
      cause: error,
    },
  );
}
