import uPlot from 'uplot';
import { lookOf } from '../causes.ts';
import { formatHourMinute, formatDate, type Zone } from '../text/time.ts';
import { stackedTops, type RateSeries } from './rate-series.ts';
import { textureFill } from './texture-fill.ts';

export interface PlotHandlers {
  readonly onHover: (index: number | null) => void;
  readonly onPick: (index: number) => void;
}

const HEIGHT_PX = 220;
const AXIS_FONT = '11px system-ui, sans-serif';

/** A chart that stands: new counts are painted into it, so that what the pointer rests on stays shown. */
export interface RatePlot {
  /** False where the bands or the buckets are others: then it has to be drawn anew. */
  update(series: RateSeries): boolean;
  resize(width: number): void;
  /** Where the pointer rests, in pixels from the left; negative: nowhere. */
  readonly cursorLeft: number;
  /** As if the pointer rested there. */
  point(left: number): void;
  destroy(): void;
}

/** Stacked bars, painted by uPlot: the tallest sums first, so that each shorter one covers their lower part. */
export function drawRates(host: HTMLElement, first: RateSeries, zone: Zone, handlers: PlotHandlers): RatePlot {
  let series = first;
  const { starts, rows, bucketSeconds } = first;
  const colours = coloursOf(host);
  const scale = devicePixelRatio;
  const bars = uPlot.paths.bars?.({ align: 1, size: [1, Infinity], gap: starts.length > 200 ? 0 : 1 });
  const plot: uPlot = new uPlot(
    {
      width: Math.max(1, host.clientWidth),
      height: HEIGHT_PX,
      // On the right there is room for half of the last label.
      padding: [8, 20, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      scales: {
        x: { time: true, range: () => [series.starts[0] ?? 0, (series.starts.at(-1) ?? 0) + bucketSeconds] },
        y: { range: (_plot, _min, max) => [0, Math.max(4, Math.ceil(max * 1.08))] },
      },
      axes: [
        {
          stroke: colours.ink,
          font: AXIS_FONT,
          size: 26,
          gap: 3,
          grid: { show: false },
          ticks: { stroke: colours.line, size: 4 },
          values: (_plot, splits) => labels(splits, bucketSeconds, zone),
        },
        {
          stroke: colours.ink,
          font: AXIS_FONT,
          size: 36,
          grid: { stroke: colours.line, width: 1 },
          ticks: { show: false },
          incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000],
        },
      ],
      series: [
        {},
        ...[...rows].reverse().map(({ cause, category }) => {
          const look = lookOf(cause, category);
          const fill = textureFill(colours.hue(look.hue), colours.paper, look.texture, scale);
          return {
            label: cause,
            fill: () => fill,
            width: 0,
            points: { show: false },
            ...(bars ? { paths: bars } : {}),
          };
        }),
      ],
      hooks: {
        setCursor: [
          ({ cursor }) => {
            handlers.onHover(bucketAt(plot, cursor.left ?? -1, series));
          },
        ],
      },
    },
    toData(first),
    host,
  );
  plot.over.addEventListener('click', () => {
    const index = bucketAt(plot, plot.cursor.left ?? -1, series);
    if (index !== null) handlers.onPick(index);
  });
  const point = (left: number): void => {
    plot.setCursor({ left, top: left < 0 ? -1 : 0 });
  };
  return {
    update(next) {
      if (shapeOf(next) !== shapeOf(series)) return false;
      series = next;
      const left = plot.cursor.left ?? -1;
      plot.setData(toData(next));
      // The window moves under a pointer that rests: another bucket is beneath it now.
      point(left);
      return true;
    },
    resize(width) {
      plot.setSize({ width, height: HEIGHT_PX });
    },
    get cursorLeft() {
      return plot.cursor.left ?? -1;
    },
    point,
    destroy() {
      plot.destroy();
    },
  };
}

/** What a drawn chart cannot change: its bands, their colours, and how wide a bucket is. */
function shapeOf({ rows, starts, bucketSeconds }: RateSeries): string {
  return [bucketSeconds, starts.length, ...rows.map(({ cause, category }) => `${cause}/${category}`)].join(' ');
}

function toData({ starts, rows }: RateSeries): uPlot.AlignedData {
  return [[...starts], ...[...stackedTops(rows, starts.length)].reverse().map((tops) => [...tops])];
}

/** uPlot's own index is that of the nearest start; a bar reaches from its start to the next. */
function bucketAt(plot: uPlot, left: number, { starts, bucketSeconds }: RateSeries): number | null {
  if (left < 0) return null;
  const index = Math.floor((plot.posToVal(left, 'x') - (starts[0] ?? 0)) / bucketSeconds);
  return index >= 0 && index < starts.length ? index : null;
}

function labels(splits: readonly number[], bucketSeconds: number, zone: Zone): string[] {
  return splits.map((seconds) => {
    const ms = seconds * 1_000;
    const clock = formatHourMinute(ms, zone);
    return bucketSeconds >= 3_600 && clock === '00:00' ? formatDate(ms, zone).slice(5) : clock;
  });
}

interface Colours {
  readonly ink: string;
  readonly line: string;
  readonly paper: string;
  readonly hue: (hue: number) => string;
}

/** The stylesheet's colours as the browser resolved them: a canvas knows neither custom properties nor light-dark(). */
function coloursOf(host: HTMLElement): Colours {
  const probe = document.createElement('span');
  probe.hidden = true;
  host.append(probe);
  const resolve = (name: string): string => {
    probe.className = name;
    return getComputedStyle(probe).color;
  };
  const hues = Array.from({ length: 9 }, (_, hue) => resolve(`hue-${hue}`));
  const colours = { ink: resolve('ink-2'), line: resolve('line'), paper: resolve('paper') };
  probe.remove();
  return { ...colours, hue: (hue) => hues[hue] ?? colours.ink };
}
