import type { Progress } from './engines.ts';
import type { Terminal } from './terminal.ts';

const BAR_COLUMNS = 30;
const REDRAW_MS = 100;

/** Draws how far the reading has come, on a terminal only. `clear` wipes it before anything else is printed. */
export function createProgressBar(
  { redraw }: Pick<Terminal, 'redraw'>,
  nowMs: () => number,
): { readonly show: (progress: Progress) => void; readonly clear: () => void } {
  let drawnMs = -Infinity;
  return {
    show(progress) {
      if (redraw === undefined || nowMs() - drawnMs < REDRAW_MS) return;
      drawnMs = nowMs();
      redraw(drawProgress(progress));
    },
    clear() {
      if (drawnMs > -Infinity) redraw?.('');
    },
  };
}

export function drawProgress({ doneBytes, totalBytes }: Progress): string {
  const done = `${(doneBytes / 1e6).toFixed(1)} MB`;
  if (totalBytes === null || totalBytes === 0) return `reading ${done}`;
  const share = Math.min(1, doneBytes / totalBytes);
  const filled = Math.round(share * BAR_COLUMNS);
  const bar = '#'.repeat(filled) + '.'.repeat(BAR_COLUMNS - filled);
  return `reading [${bar}] ${String(Math.floor(share * 100)).padStart(3)}% ${done}`;
}
