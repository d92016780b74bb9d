import type { SourceStatus } from '../domain.ts';
import { escapeOnOneLine } from './escape.ts';
import { formatCount, formatTime } from './format.ts';
import { shortenPath } from './shorten-path.ts';

const MIN_PATH = 16;

/** How far one log was read, on one line: "no match" must be told from "no data". */
export function showReading(
  { kind, path, state, lagBytes, newestAt, gaps }: SourceStatus,
  { zone, columns }: { readonly zone: string; readonly columns: number },
): string {
  const newest = newestAt === null ? 'nothing read yet' : `read up to ${formatTime(newestAt, 'second', zone)}`;
  const lag = lagBytes > 0 ? `, ${String(lagBytes)} bytes behind` : '';
  const lost = gaps > 0 ? `, ${formatCount(gaps, 'gap')}` : '';
  const says = `: ${state}, ${newest}${lag}${lost}`;
  const room = Math.max(MIN_PATH, columns - kind.length - says.length - 4);
  return `  ${kind}  ${shortenPath(escapeOnOneLine(path), room)}${says}`;
}
