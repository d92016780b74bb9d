import { Worker } from 'node:worker_threads';
import type { ApiThreadData, FromApiThread, SentError, SourcesNow, ToApiThread } from './api-messages.ts';
import { assertNever, WhydError } from '../errors.ts';
import type { SavedRound } from '../store/whyd-index.ts';
import { sourcesChange } from './sources-change.ts';

/**
 * Each collection of the young holds up the answers for 2 to 5 ms, and comes the more seldom the more room there is. But V8 begins a full one, of 10 to
 * 50 ms, when the old have less room left (some 35 MB here) than the young space holds, a third of this: with 128 MB that was once a second.
 */
const YOUNG_MB = 48;
/** The built one: seen from src and from dist it is the same file, and Node runs no TypeScript. */
const THREAD = new URL('../../dist/live/api-thread.js', import.meta.url);

/** The API's thread, seen from the one that reads the logs. */
export interface ApiHost {
  readonly url: string;
  /** Rejects when the thread ends without having been told to; else pending. */
  readonly failed: Promise<never>;
  /** What the routes say of the sources from now on. Nothing is sent where nothing has changed. */
  readonly tellSources: (now: SourcesNow) => void;
  /** A round of the joiner that is committed. */
  readonly tellSaved: (saved: SavedRound) => void;
  /** Idempotent. */
  readonly close: () => Promise<void>;
}

/** Starts the thread and waits until it listens. Throws WhydError `api.*`, `config.*`, `index.*`. */
export async function startApi(data: ApiThreadData, onTrouble: (message: string) => void): Promise<ApiHost> {
  const worker = new Worker(THREAD, {
    workerData: data,
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
  });
  let isClosing = false;
  const ended = new Promise<void>((resolve) =>
    worker.once('exit', () => {
      resolve();
    }),
  );
  const failed = new Promise<never>((_, reject) => {
    worker.once('error', reject);
    worker.once('exit', () => {
      if (!isClosing) reject(new WhydError('api.ended', 'the API ended unexpectedly', { hint: 'start whyd again' }));
    });
  });
  // Who waits for it may come later, or never.
  failed.catch(() => undefined);
  const send = (message: ToApiThread): void => {
    worker.postMessage(message);
  };
  const close = async (): Promise<void> => {
    if (!isClosing) send({ kind: 'close' });
    isClosing = true;
    await ended;
  };
  const listening = new Promise<string>((resolve, reject) => {
    worker.on('message', (message: FromApiThread) => {
      switch (message.kind) {
        case 'listening':
          resolve(message.url);
          return;
        case 'refused':
          reject(fromSent(message.error));
          return;
        case 'trouble':
          onTrouble(message.message);
          return;
        default:
          assertNever(message);
      }
    });
  });
  let told: SourcesNow | null = null;
  try {
    const url = await Promise.race([listening, failed]);
    return {
      url,
      failed,
      tellSources: (now) => {
        const change = sourcesChange(told, now);
        told = now;
        if (change !== null) send({ kind: 'sources', ...change });
      },
      tellSaved: (saved) => {
        send({ kind: 'saved', saved });
      },
      close,
    };
  } catch (error) {
    isClosing = true;
    await worker.terminate();
    throw error;
  }
}

function fromSent({ code, message, hint, exitCode }: SentError): WhydError {
  return new WhydError(code, message, { exitCode, ...(hint === null ? {} : { hint }) });
}
