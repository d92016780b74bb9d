import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { goTo } from '../location.ts';
import { usePreferences } from '../preferences.ts';
import { Swatch } from '../swatch.tsx';
import { formatCount, formatNumber, formatShare } from '../text/format.ts';
import { formatDate, formatHourMinute, type Zone } from '../text/time.ts';
import type { RatePlot } from './rate-plot.ts';
import type { RateSeries } from './rate-series.ts';

/** Failures over time: stacked bars, their legend with the counts, and the same as a table for who cannot see it. */
export function RateChart({ series }: { readonly series: RateSeries }): JSX.Element {
  const { zone } = usePreferences();
  const [hovered, setHovered] = useState<number | null>(null);
  const host = useRef<HTMLDivElement>(null);
  usePlot(host, series, zone, setHovered);
  return (
    <div class="rate">
      <div class="rate-plot" ref={host} role="img" aria-label={inWords(series, zone)} />
      <Legend series={series} zone={zone} hovered={hovered} />
      <RateTable series={series} zone={zone} />
    </div>
  );
}

function usePlot(
  host: { readonly current: HTMLDivElement | null },
  series: RateSeries,
  zone: Zone,
  onHover: (index: number | null) => void,
): void {
  const scheme = useScheme();
  const newest = useRef(series);
  newest.current = series;
  const plot = useRef<RatePlot | null>(null);
  /** Where the pointer rested on the chart before this one. */
  const left = useRef(-1);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let isGone = false;
    const onResize = new ResizeObserver(([entry]) => {
      if (entry !== undefined && entry.contentRect.width > 0) plot.current?.resize(entry.contentRect.width);
    });
    // Its own file: the other pages need no chart.
    void import('./rate-plot.ts').then(({ drawRates }) => {
      if (isGone || host.current === null) return;
      plot.current = drawRates(host.current, newest.current, zone, {
        onHover,
        onPick: (index) => {
          goTo(failuresIn(newest.current, index));
        },
      });
      if (left.current >= 0) plot.current.point(left.current);
      onResize.observe(host.current);
    });
    return () => {
      isGone = true;
      onResize.disconnect();
      left.current = plot.current?.cursorLeft ?? -1;
      plot.current?.destroy();
      plot.current = null;
    };
  }, [host, zone, scheme, onHover, turn]);
  useEffect(() => {
    if (plot.current?.update(series) === false) setTurn((last) => last + 1);
  }, [series]);
}

/** Changes when the colours do: a canvas keeps what was painted. */
function useScheme(): string {
  const { theme } = usePreferences();
  const [isDark, setDark] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches);
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const update = (): void => {
      setDark(query.matches);
    };
    query.addEventListener('change', update);
    return () => {
      query.removeEventListener('change', update);
    };
  }, []);
  return `${theme} ${String(isDark)}`;
}

interface LegendProps {
  readonly series: RateSeries;
  readonly zone: Zone;
  readonly hovered: number | null;
}

function Legend({ series, zone, hovered }: LegendProps): JSX.Element {
  const { rows, totals } = series;
  const whole = totals.reduce((sum, count) => sum + count, 0);
  const shown = hovered === null ? whole : (totals[hovered] ?? 0);
  return (
    <table class="legend">
      <caption>
        {hovered === null ? 'By cause' : bucketName(series, hovered, zone)}
        <span class="dim"> · {formatCount(shown, 'failure')}</span>
      </caption>
      <thead class="hidden">
        <tr>
          <th scope="col">Cause</th>
          <th scope="col">Failures</th>
          <th scope="col">Share</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ cause, category, counts, total }) => {
          const count = hovered === null ? total : (counts[hovered] ?? 0);
          return (
            <tr key={cause} class={count === 0 ? 'dim' : ''}>
              <th scope="row">
                <Swatch cause={cause} category={category} />
                {cause === 'other' ? 'other causes' : <a href={`/failures?cause=${cause}`}>{cause}</a>}
              </th>
              <td class="number">{formatNumber(count)}</td>
              <td class="number dim">{shown === 0 ? '' : formatShare(count / shown)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function RateTable({ series, zone }: { readonly series: RateSeries; readonly zone: Zone }): JSX.Element {
  const { starts, rows, totals } = series;
  const busy = starts.map((_, index) => index).filter((index) => (totals[index] ?? 0) > 0);
  return (
    <details class="rate-table">
      <summary>as a table</summary>
      <div class="scroll-x" tabIndex={0} role="region" aria-label="Failures by time and cause">
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">from</th>
              {rows.map(({ cause }) => (
                <th key={cause} scope="col" class="number">
                  {cause}
                </th>
              ))}
              <th scope="col" class="number">
                all
              </th>
            </tr>
          </thead>
          <tbody>
            {busy.map((index) => (
              <tr key={index}>
                <th scope="row">
                  <a href={failuresIn(series, index)}>{bucketName(series, index, zone)}</a>
                </th>
                {rows.map(({ cause, counts }) => (
                  <td key={cause} class="number">
                    {counts[index] === 0 ? '' : formatNumber(counts[index] ?? 0)}
                  </td>
                ))}
                <td class="number">{formatNumber(totals[index] ?? 0)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function bucketName({ starts, bucketSeconds }: RateSeries, index: number, zone: Zone): string {
  const ms = (starts[index] ?? 0) * 1_000;
  const clock = formatHourMinute(ms, zone);
  return bucketSeconds >= 3_600 ? `${formatDate(ms, zone)} ${clock}` : clock;
}

function failuresIn({ starts, bucketSeconds }: RateSeries, index: number): string {
  const start = (starts[index] ?? 0) * 1_000;
  const since = new Date(start).toISOString();
  const until = new Date(start + bucketSeconds * 1_000).toISOString();
  return `/failures?${new URLSearchParams({ since, until }).toString()}`;
}

function inWords(series: RateSeries, zone: Zone): string {
  const { totals, rows, bucketSeconds } = series;
  const most = Math.max(...totals);
  const each = bucketSeconds >= 3_600 ? 'an hour' : 'a minute';
  if (most === 0) return `Failures ${each}: none`;
  const peak = bucketName(series, totals.indexOf(most), zone);
  const causes = rows.map(({ cause, total }) => `${cause} ${total}`).join(', ');
  return `Failures ${each}, stacked by cause: ${causes}. Most at ${peak}: ${most}.`;
}
