/**
 * The API in a thread of its own: it reads the index through its own connection, so that no answer waits for a chunk that is being taken in or a round
 * that is being joined, and no question holds these up.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { answersFrom, tellRound } from './answers.ts';
import { buildApi } from '../api/app.ts';
import { listen } from '../api/listen.ts';
import { createMetrics } from '../api/metrics.ts';
import { sourceNews } from '../api/source-news.ts';
import { StreamHub } from '../api/stream-hub.ts';
import type { ApiThreadData, FromApiThread, SentError, SourcesNow, ToApiThread } from './api-messages.ts';
import { readTls } from './api-secrets.ts';
import { tokenListPath } from '../config/token-list.ts';
import { isSpell } from '../correlate/incidents/incidents.ts';
import { issueSeedOf } from '../correlate/issue-seed.ts';
import { assertNever, EXIT, WhydError } from '../errors.ts';
import { openBeside } from '../store/open-index.ts';
import { changedSources } from './sources-change.ts';
import { listedTokens } from './listed-tokens.ts';
import { Turns } from './turns.ts';

const data = workerData as ApiThreadData;
const port = parentPort;
if (port === null) throw new TypeError('this module is the main one of a thread');
const tell = (message: FromApiThread): void => {
  port.postMessage(message);
};
function tellTrouble(where: string, error: unknown): void {
  tell({ kind: 'trouble', message: `${where}${error instanceof Error ? error.message : String(error)}` });
}

try {
  const { url, take } = await open(data);
  port.on('message', take);
  tell({ kind: 'listening', url });
} catch (error) {
  tell({ kind: 'refused', error: toSent(error) });
}

async function open({
  api,
  indexPath,
  tokens,
  version,
  webFolder,
}: ApiThreadData): Promise<{ readonly url: string; readonly take: (message: ToApiThread) => void }> {
  let now: SourcesNow = { sources: [], health: 'starting' };
  const index = openBeside(indexPath, { liveSources: () => now.sources, seedOf: issueSeedOf, isSpell });
  const stream = new StreamHub(Date.now());
  const metrics = createMetrics({
    version,
    sources: () => now.sources,
    databaseBytes: () => index.stats.sizeBytes(),
    openIssues: () => index.issues.countOpen(Date.now()),
    openIncidents: () => index.incidents.countOpen(Date.now()),
    streamClients: () => stream.clients,
    nowMs: Date.now,
  });
  const turns = new Turns((error) => {
    tellTrouble('the stream could not be told of some changes: ', error);
  });
  const listed = listedTokens(tokenListPath(api.tokenFile), (error) => {
    tellTrouble('', error);
  });
  const app = buildApi({
    ...answersFrom(index),
    stream,
    metrics: metrics.show,
    tokens: () => [...tokens, ...listed()],
    version,
    webFolder,
    health: () => now.health,
    allowedHosts: [
      ...('host' in api.listen ? [api.listen.host] : []),
      'localhost',
      '127.0.0.1',
      '::1',
      ...(api.hosts ?? []),
    ],
    tls: readTls(api),
    isBehindProxy: api.isBehindProxy ?? false,
    isOnSocket: 'socket' in api.listen,
    ...(api.rateLimit === undefined ? {} : { rateLimit: api.rateLimit }),
    onError: (error) => {
      tellTrouble('a request failed: ', error);
    },
  });
  const close = async (): Promise<void> => {
    turns.stop();
    stream.close();
    await app.close();
    index.close();
    port?.close();
  };
  const take = (message: ToApiThread): void => {
    switch (message.kind) {
      case 'sources': {
        const before = now.sources;
        now = changedSources(now, message);
        for (const source of sourceNews(before, now.sources)) stream.publish('source', source);
        return;
      }
      case 'saved':
        turns.add(tellRound(index, stream, metrics, message.saved));
        return;
      case 'close':
        void close();
        return;
      default:
        assertNever(message);
    }
  };
  const url = await listen(app, api.listen).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return { url, take };
}

function toSent(error: unknown): SentError {
  if (error instanceof WhydError) {
    const { code, message, hint, exitCode } = error;
    return { code, message, hint, exitCode };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'api.failed', message: `the API could not start: ${message}`, hint: null, exitCode: EXIT.failure };
}
