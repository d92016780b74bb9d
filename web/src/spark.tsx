import type { JSX } from 'preact';
import type { HourCount } from '../../src/domain.ts';
import { formatCount } from './text/format.ts';

interface SparkProps {
  readonly hourly: readonly HourCount[];
  readonly endMs: number;
  readonly hours: number;
  readonly height?: number;
  readonly barWidth?: number;
}

const HOUR_MS = 3_600_000;

/** Counts by the hour, as small bars. */
export function Spark({ hourly, endMs, hours, height = 20, barWidth = 2 }: SparkProps): JSX.Element {
  const end = Math.floor(endMs / HOUR_MS);
  const counts = Array.from({ length: hours }, () => 0);
  for (const { at, count } of hourly) {
    const place = hours - 1 - (end - Math.floor(Date.parse(at) / HOUR_MS));
    if (place >= 0 && place < hours) counts[place] = (counts[place] ?? 0) + count;
  }
  const most = Math.max(...counts);
  const step = barWidth + 1;
  const label =
    most === 0 ? `none in ${hours} hours` : `at most ${formatCount(most, 'failure')} an hour in ${hours} hours`;
  return (
    <svg class="spark" width={hours * step} height={height} role="img" aria-label={label}>
      <title>{label}</title>
      <line x1={0} x2={hours * step} y1={height - 0.5} y2={height - 0.5} class="spark-ground" />
      {counts.map((count, index) => {
        if (count === 0) return null;
        const bar = Math.max(2, Math.round((count / most) * (height - 1)));
        return <rect key={index} x={index * step} y={height - bar} width={barWidth} height={bar} />;
      })}
    </svg>
  );
}
