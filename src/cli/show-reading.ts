import type { SourceStatus } from '../domain.ts';
import { escapeOnOneLine } from './escape.ts';
import { formatCount, formatTime } from './format.ts';

/** How far one log was read, on one line: "no match" must be told from "no data". */
export function showReading({ kind, path, state, lagBytes, newestAt, gaps }: SourceStatus, zone: string): string {
  const newest = newestAt === null ? 'nothing read yet' : `read up to ${formatTime(newestAt, 'second', zone)}`;
  const lag = lagBytes > 0 ? `, ${String(lagBytes)} bytes behind` : '';
  const lost = gaps > 0 ? `, ${formatCount(gaps, 'gap')}` : '';
  return `  ${kind}  ${escapeOnOneLine(path)}: ${state}, ${newest}${lag}${lost}`;
}
