import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startApi, type ApiHost } from './live/api-host.ts';
import type { SourcesNow } from './live/api-messages.ts';
import { loadTokens } from './live/api-secrets.ts';
import { showCatchUp, tellBackFill, type CatchUp } from './live/back-fill.ts';
import { every, type Chore } from './live/chore.ts';
import type { Config } from './config/config.ts';
import { isSpell } from './correlate/incidents/incidents.ts';
import { issueSeedOf } from './correlate/issue-seed.ts';
import type { Verdict } from './domain.ts';
import { feedSources } from './live/fed-sources.ts';
import { FollowedLogs } from './live/followed-logs.ts';
import { Ingest } from './live/ingest.ts';
import { LiveJoiner } from './live/live-joiner.ts';
import { openIndex } from './store/open-index.ts';
import type { WhydIndex } from './store/whyd-index.ts';
import type { CheckpointLookup } from './tailers/file-checkpoint.ts';
import { JournalFollower } from './tailers/journal-follower.ts';
import type { FileStatus } from './tailers/tail-handler.ts';
import { Tailer } from './tailers/tailer.ts';
import { Releasers } from './live/releasers.ts';
import { TroubleTeller } from './live/trouble-teller.ts';
import { threadsNow, yieldToAnswers } from './live/yield-to-answers.ts';

export interface DaemonHooks {
  /** A verdict became final. */
  readonly onFailure: (verdict: Verdict) => void;
  /** Something that the person should know, in one sentence. */
  readonly onMessage: (message: string) => void;
  /** How far the logs that were there at the start are read; null when there is nothing to catch up with. Where it is given, no message says so. */
  readonly onProgress?: (progress: CatchUp | null) => void;
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
const SOURCES_INTERVAL_MS = 250;
/** A step of pruning takes some milliseconds. */
const PRUNE_INTERVAL_MS = 500;
const PRUNE_REST_MS = 60_000;
const PROGRESS_INTERVAL_MS = 2000;
const DRAW_INTERVAL_MS = 200;
/** Until when whyd was there, as the next run knows it: at a path that is new to it, whatever was made since then is read. */
const SEEN_INTERVAL_MS = 60_000;

/** Starts the daemon: tailer -> parsers -> index -> joiner -> API. What is opened is closed in the reverse order, also when starting fails half-way. */
export async function startDaemon(
  config: Config,
  hooks: DaemonHooks,
  { version, watch }: DaemonSettings,
): Promise<RunningDaemon> {
  const releasers = new Releasers();
  let api: ApiHost | null = null;
  try {
    const logs = new FollowedLogs();
    const index = openIndex(config.index.path, {
      exclusive: true,
      seedOf: issueSeedOf,
      isSpell,
    });
    releasers.add(() => {
      index.close();
    });

    const fed = feedSources(config, process.stdin, (path) => logs.lagBytes(path));
    for (const inlet of fed.inlets) releasers.add(() => inlet.stop());

    const isFirstRun = index.isNew;
    const sinceMs = horizonMs(index, config);
    const seenMs = index.meta('seen_ms');
    const joiner: LiveJoiner = new LiveJoiner({
      index,
      identity: presentOnly(config.identity),
      hasPostgres: config.sources.some(({ kind }) => kind === 'postgres'),
      nowMs: Date.now,
      onSettled: hooks.onFailure,
      onSaved: (saved) => {
        api?.tellSaved(saved);
      },
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
      // A run that did not get so far is as good as none.
      readsHistory: seenMs === null,
      ...(seenMs === null ? {} : { unseenSinceMs: Number(seenMs) }),
      gapBefore: fed.gapBefore,
      unpackFolder: join(dirname(config.index.path), 'unpacked'),
      signal: hooks.signal,
    });
    const journals = fed.sources.flatMap((source) =>
      source.journalUnit === undefined
        ? []
        : [new JournalFollower({ source, unit: source.journalUnit, handler: ingest, checkpoints, sinceMs })],
    );
    logs.are(tailer, journals, fed.inlets);
    releasers.add(() => tailer.stop());
    for (const journal of journals)
      releasers.add(() => {
        journal.stop();
      });

    const { tokens, token } = await loadTokens(config.api);
    const others = threadsNow();
    const host = await startApi(
      { api: config.api, indexPath: config.index.path, tokens, version, webFolder: WEB_FOLDER },
      hooks.onMessage,
    );
    api = host;
    yieldToAnswers(others);
    releasers.add(host.close);
    let told: { readonly files: readonly FileStatus[]; readonly changes: number } | null = null;
    const tellSources = (): void => {
      const [files, { changes }] = [logs.status(), ingest];
      if (files === told?.files && changes === told.changes) return;
      told = { files, changes };
      host.tellSources({ sources: ingest.describe(files), health: healthOf(files) });
    };

    for (const journal of journals) await journal.start();
    await tailer.start();
    for (const inlet of fed.inlets) inlet.start();
    tellSources();
    const chores: readonly Chore[] = [
      {
        // With nothing to hand out it is looked for together with the others, in one wake-up.
        intervalMs: () => (ingest.hasPending ? FLUSH_INTERVAL_MS : JOIN_INTERVAL_MS),
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
      { intervalMs: SOURCES_INTERVAL_MS, work: tellSources },
      pruning(index, config),
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
          isDrawn: hooks.onProgress !== undefined,
        }),
      },
      ...(hooks.onProgress === undefined
        ? []
        : [{ intervalMs: DRAW_INTERVAL_MS, work: showCatchUp(() => logs.status(), hooks.onProgress) }]),
    ];
    for (const chore of chores) releasers.add(every(chore, new TroubleTeller(hooks.onMessage)));
    return { url: host.url, token, finished: Promise.race([tailer.done, host.failed]), close: () => releasers.close() };
  } catch (error) {
    // What failed first is what the person has to know.
    await releasers.close().catch(() => undefined);
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
function pruning(index: WhydIndex, { index: { keep } }: Config): Chore {
  let isDone = false;
  return {
    intervalMs: () => (isDone ? PRUNE_REST_MS : PRUNE_INTERVAL_MS),
    work: () => {
      isDone = !index.prune(keep, Date.now());
    },
  };
}

function healthOf(files: readonly FileStatus[]): SourcesNow['health'] {
  if (files.some(({ state }) => state === 'failing')) return 'failing';
  return files.every(({ fileId, endSeenAtMs }) => fileId === null || endSeenAtMs !== null) ? 'ok' : 'starting';
}

function presentOnly(identity: Config['identity']): ConstructorParameters<typeof LiveJoiner>[0]['identity'] {
  return Object.fromEntries(Object.entries(identity).filter(([, value]) => value !== null));
}
