import type { SourceCoverage } from '../correlate/window.ts';
import type { LogEvent } from '../domain.ts';

type Side = 'denokv' | 'postgres';

interface Gap {
  readonly fileId: number;
  readonly fromUs: number;
  toUs: number;
}

const MAX_GAPS = 1000;

/**
 * Stretches of time of which lines were lost: from the newest line that was read before the loss to the first one after it. What falls into one
 * has "gap" for its coverage, so that a failure without a cause is told apart from a cause that was lost.
 */
export class LogGaps {
  readonly #gaps: Readonly<Record<Side, Gap[]>> = { denokv: [], postgres: [] };
  readonly #newestUs: Record<Side, number> = { denokv: 0, postgres: 0 };

  add(event: LogEvent): void {
    const side = sideOf(event);
    if (side === null) return;
    const gaps = this.#gaps[side];
    if (event.kind === 'gap') {
      if (event.bytesLost === 0) return;
      gaps.push({ fileId: event.citation.fileId, fromUs: this.#newestUs[side], toUs: Number.POSITIVE_INFINITY });
      if (gaps.length > MAX_GAPS) gaps.shift();
      return;
    }
    if (event.at === null) return;
    const open = gaps.findLast((gap) => gap.fileId === event.citation.fileId && gap.toUs === Number.POSITIVE_INFINITY);
    if (open !== undefined) open.toUs = Math.max(open.fromUs, event.at.us);
    this.#newestUs[side] = Math.max(this.#newestUs[side], event.at.us);
  }

  coverageOf(side: Side): SourceCoverage {
    return { gaps: this.#gaps[side], completeUntilUs: null };
  }
}

function sideOf({ format }: LogEvent): Side | null {
  if (format === 'denokv') return 'denokv';
  return format === 'proxy' ? null : 'postgres';
}
