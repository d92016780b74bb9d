import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { buildApi, type ApiOptions } from '../../src/api/app.ts';
import { sha256Of } from '../../src/api/check-token.ts';
import { createMetrics } from '../../src/api/metrics.ts';
import { StreamHub } from '../../src/api/stream-hub.ts';
import { answersFrom, tellRound } from '../../src/live/answers.ts';
import type { SourceStatus, Verdict } from '../../src/domain.ts';
import { answerWhy } from '../../src/query/why.ts';
import { openIndex } from '../../src/store/open-index.ts';
import type { JoinedRound, WhydIndex } from '../../src/store/whyd-index.ts';
import type { Clock } from '../../src/time/parse-time.ts';
import { makeSource } from '../query/memory-reader.ts';

export const READ_TOKEN = 'a-token-for-reading-that-is-long-enough';

export interface TestApi {
  readonly app: FastifyInstance;
  /** Holds the index. */
  readonly folder: string;
  readonly index: WhydIndex;
  readonly stream: StreamHub;
  /** Stores a round of the joiner and tells the stream, as the daemon does. */
  readonly save: (round: JoinedRound, atMs?: number) => void;
  readonly close: () => Promise<void>;
}

/** The API over a real index in a folder of its own, with the given failures in it. */
export function apiOver(
  verdicts: readonly Verdict[],
  { token, clock, ...overrides }: Partial<ApiOptions> & { readonly token: string; readonly clock: () => Clock },
  sources: readonly SourceStatus[] = [makeSource()],
): TestApi {
  const folder = mkdtempSync(join(tmpdir(), 'whyd-api-'));
  const index = openIndex(join(folder, 'whyd.db'), { liveSources: () => sources });
  const stream = new StreamHub(clock().nowMs);
  const metrics = createMetrics({
    version: '1.2.3',
    sources: () => sources,
    databaseBytes: () => index.stats.sizeBytes(),
    openIssues: () => index.issues.countOpen(clock().nowMs),
    openIncidents: () => index.incidents.countOpen(clock().nowMs),
    streamClients: () => stream.clients,
    nowMs: () => clock().nowMs,
  });
  const save: TestApi['save'] = (round, atMs = clock().nowMs) => {
    Array.from(tellRound(index, stream, metrics, index.saveRound(round, atMs)));
  };
  if (verdicts.length > 0) save({ verdicts });
  const app = buildApi({
    ...answersFrom(index, () => clock().nowMs),
    why: (query) => answerWhy(index, query, clock()),
    stream,
    metrics: metrics.show,
    tokens: () => [
      { role: 'admin', sha256: sha256Of(token) },
      { role: 'read', sha256: sha256Of(READ_TOKEN) },
    ],
    version: '1.2.3',
    health: () => 'ok',
    allowedHosts: ['127.0.0.1', 'localhost', '::1'],
    clock,
    webFolder: null,
    ...overrides,
  });
  let isClosed = false;
  return {
    app,
    folder,
    index,
    stream,
    save,
    close: async () => {
      await app.close();
      if (!isClosed) index.close();
      isClosed = true;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
