import type { Progress } from './engines.ts';
import type { Terminal } from './terminal.ts';

const BAR_COLUMNS = 30;
const REDRAW_MS = 100;

export interface ProgressBar {
  readonly show: (progress: Progress) => void;
  /** Wipes it, before anything else is printed; the next progress draws it anew. */
  readonly clear: () => void;
}

/** Draws how far the reading has come, on a terminal only. */
export function createProgressBar(
  { redraw }: Pick<Terminal, 'redraw'>,
  nowMs: () => number,
  what = 'reading',
): ProgressBar {
  let drawnMs = -Infinity;
  let isDrawn = false;
  return {
    show(progress) {
      const isSoon = isDrawn && nowMs() - drawnMs < REDRAW_MS;
      if (redraw === undefined || isSoon) return;
      drawnMs = nowMs();
      isDrawn = true;
      redraw(drawProgress(progress, what));
    },
    clear() {
      if (isDrawn) redraw?.('');
      isDrawn = false;
    },
  };
}

export function drawProgress({ doneBytes, totalBytes }: Progress, what = 'reading'): string {
  const done = `${(doneBytes / 1e6).toFixed(1)} MB`;
  if (totalBytes === null || totalBytes === 0) return `${what} ${done}`;
  const share = Math.min(1, doneBytes / totalBytes);
  const filled = Math.round(share * BAR_COLUMNS);
  const bar = '#'.repeat(filled) + '.'.repeat(BAR_COLUMNS - filled);
  return `${what} [${bar}] ${String(Math.floor(share * 100)).padStart(3)}% ${done}`;
}
