import type { FileStatus } from '../tailers/tail-handler.ts';
import { formatUtc } from '../time/rfc3339.ts';

/** What the first start found in the logs, by the horizon of its back-fill. */
export interface BackFillFacts {
  /** Events that were taken. */
  readonly taken: number;
  /** Events that are older than the horizon, and the time of the newest of them. */
  readonly passedOver: number;
  readonly newestPassedUs: number | null;
}

export interface BackFillOptions {
  readonly status: () => readonly FileStatus[];
  readonly facts: () => BackFillFacts;
  /** Files that were left alone altogether: nobody wrote to them since the horizon. */
  readonly oldFiles: () => number;
  /** Wall clock; null: all is read, or this is not the first start. */
  readonly horizonMs: number | null;
  readonly indexPath: string;
  readonly say: (message: string) => void;
  /** Somebody watches a bar: what it shows is not said as well. */
  readonly isDrawn: boolean;
}

const MUCH_BYTES = 16 * 2 ** 20;

/** Says how far the reading has come while there is much to catch up with, and once, after a first start, what was left out for being old. */
export function tellBackFill(options: BackFillOptions): () => void {
  const { status, say, isDrawn } = options;
  let behind = false;
  let told = options.horizonMs === null;
  return () => {
    const files = status();
    const lagBytes = files.reduce((sum, file) => sum + file.lagBytes, 0);
    if (!isDrawn && lagBytes >= MUCH_BYTES)
      say(`catching up: ${String(Math.ceil(lagBytes / 2 ** 20))} MiB of the logs are still to be read`);
    else if (behind) say('caught up with the logs');
    behind = !isDrawn && lagBytes >= MUCH_BYTES;
    if (told || !files.every(({ fileId, endSeenAtMs }) => fileId === null || endSeenAtMs !== null)) return;
    told = true;
    const summary = summarise(options);
    if (summary !== null) say(summary);
  };
}

/** How much of what was there to be read is read. */
export interface CatchUp {
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** Less than this is read before anybody has seen a bar. */
const SEEN_BYTES = 2 ** 20;

/** Tells how far the reading has come while there is something to catch up with, and once that it is done. */
export function showCatchUp(
  status: () => readonly Pick<FileStatus, 'lagBytes'>[],
  show: (progress: CatchUp | null) => void,
): () => void {
  let totalBytes = 0;
  return () => {
    const lagBytes = status().reduce((sum, file) => sum + file.lagBytes, 0);
    if (totalBytes === 0 && lagBytes < SEEN_BYTES) return;
    totalBytes = lagBytes === 0 ? 0 : Math.max(totalBytes, lagBytes);
    show(lagBytes === 0 ? null : { doneBytes: totalBytes - lagBytes, totalBytes });
  };
}

function summarise({ facts, oldFiles, horizonMs, indexPath }: BackFillOptions): string | null {
  const { taken, passedOver, newestPassedUs } = facts();
  const files = oldFiles();
  if (horizonMs === null || (passedOver === 0 && files === 0)) return null;
  const newest = newestPassedUs === null ? '' : `, the newest of ${formatUtc(newestPassedUs)}`;
  const left = [
    ...(passedOver === 0 ? [] : [`older events (${String(passedOver)}${newest})`]),
    ...(files === 0 ? [] : [`files that nobody wrote to since (${String(files)})`]),
  ].join(', and ');
  const found = taken === 0 ? 'nothing' : `${String(taken)} events`;
  return `the logs hold ${found} since ${formatUtc(horizonMs * 1000)}; left out: ${left} (to have all, stop whyd, remove ${indexPath} and start with --since 7d or --since all)`;
}
