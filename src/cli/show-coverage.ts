import { escapeOnOneLine } from './escape.ts';
import { formatTime } from './format.ts';

/** A time as the daemon writes it: UTC, whatever zone the reader lives in. */
const UTC_TIME = /\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/g;

/** What an answer may lack because a log was not read whole, a line each, with times as the reader's clock shows them. */
export function showCoverage(
  coverage: readonly string[],
  { zone, limit }: { readonly zone: string; readonly limit: number },
): readonly string[] {
  const shown = coverage.slice(0, limit).map((says) => {
    const local = says.replace(UTC_TIME, (iso) => formatTime(iso, 'second', zone));
    return `  not covered: ${escapeOnOneLine(local)}`;
  });
  const more = coverage.length - shown.length;
  return more > 0 ? [...shown, `  ... and ${String(more)} more (--json names them)`] : shown;
}
