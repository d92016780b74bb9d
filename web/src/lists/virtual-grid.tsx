import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { goTo } from '../location.ts';
import { stepTo, visibleRange, type RowRange } from './row-range.ts';

export interface GridColumn<T> {
  /** Also the class of its cells. */
  readonly name: string;
  readonly head: string;
  readonly cell: (row: T, place: 'grid' | 'table') => ComponentChildren;
}

interface VirtualGridProps<T> {
  readonly label: string;
  readonly rows: readonly T[];
  readonly columns: readonly GridColumn<T>[];
  readonly keyOf: (row: T) => string;
  readonly addressOf: (row: T) => string;
  /** More rows may follow those that are here. */
  readonly hasMore: boolean;
  readonly onNearEnd: () => void;
  readonly onTopChange: (isAtTop: boolean) => void;
}

export const ROW_HEIGHT_PX = 30;
/** Rows beyond the edge, so that a fast scroll shows no white. */
const OVERSCAN = 12;
const NEAR_END_ROWS = 100;

/** A list of any length: only the rows in sight are in the page. Arrow keys move, Enter opens. */
export function VirtualGrid<T>(props: VirtualGridProps<T>): JSX.Element {
  const { label, rows, columns, keyOf, addressOf, hasMore, onNearEnd, onTopChange } = props;
  const body = useRef<HTMLDivElement>(null);
  const [range, setRange] = useState<RowRange>({ from: 0, to: 60 });
  const [active, setActive] = useState(0);
  const focusDue = useRef(false);

  const measure = (): void => {
    const element = body.current;
    if (element === null) return;
    const next = visibleRange(element.scrollTop, element.clientHeight, ROW_HEIGHT_PX, rows.length, OVERSCAN);
    setRange((last) => (last.from === next.from && last.to === next.to ? last : next));
    onTopChange(element.scrollTop < ROW_HEIGHT_PX / 2);
    if (hasMore && next.to > rows.length - NEAR_END_ROWS) onNearEnd();
  };
  useLayoutEffect(measure, [rows.length, hasMore]);
  useEffect(() => {
    const observer = new ResizeObserver(measure);
    if (body.current !== null) observer.observe(body.current);
    return () => {
      observer.disconnect();
    };
  });
  useLayoutEffect(() => {
    if (!focusDue.current) return;
    focusDue.current = false;
    body.current?.querySelector<HTMLElement>(`[aria-rowindex="${active + 2}"]`)?.focus({ preventScroll: true });
  }, [active, range]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const element = body.current;
    const row = rows[active];
    if (element === null || row === undefined) return;
    if (event.key === 'Enter') {
      event.preventDefault();
      goTo(addressOf(row));
      return;
    }
    const perPage = Math.max(1, Math.floor(element.clientHeight / ROW_HEIGHT_PX) - 1);
    const next = stepTo(event.key, active, rows.length, perPage);
    if (next === null) return;
    event.preventDefault();
    focusDue.current = true;
    scrollTo(element, next);
    setActive(next);
    measure();
  };

  const current = Math.min(active, Math.max(0, rows.length - 1));
  return (
    <div class="grid" role="grid" aria-label={label} aria-rowcount={hasMore ? -1 : rows.length + 1}>
      <div role="rowgroup" class="grid-head">
        <div role="row" class="grid-row" aria-rowindex={1}>
          {columns.map(({ name, head }) => (
            <span key={name} role="columnheader" class={`cell ${name}`}>
              {head}
            </span>
          ))}
        </div>
      </div>
      <div role="rowgroup" class="grid-body" ref={body} onScroll={measure} onKeyDown={onKeyDown}>
        <div role="presentation" class="grid-space" style={{ height: `${rows.length * ROW_HEIGHT_PX}px` }}>
          {indexesOf(range, current, rows.length).map((index) => {
            const row = rows[index];
            if (row === undefined) return null;
            return (
              <div
                key={keyOf(row)}
                role="row"
                class="grid-row"
                aria-rowindex={index + 2}
                tabIndex={index === current ? 0 : -1}
                style={{ transform: `translateY(${index * ROW_HEIGHT_PX}px)` }}
                onFocus={() => {
                  setActive(index);
                }}
              >
                {columns.map(({ name, cell }) => (
                  <span key={name} role="gridcell" class={`cell ${name}`}>
                    {cell(row, 'grid')}
                  </span>
                ))}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** Those in sight, and the one that has or gets the focus: it must not vanish while it is scrolled away. */
function indexesOf({ from, to }: RowRange, active: number, count: number): readonly number[] {
  const indexes = Array.from({ length: Math.max(0, Math.min(to, count) - from) }, (_, offset) => from + offset);
  if (active < from) return [active, ...indexes];
  return active >= to && active < count ? [...indexes, active] : indexes;
}

function scrollTo(element: HTMLElement, index: number): void {
  const top = index * ROW_HEIGHT_PX;
  if (top < element.scrollTop) element.scrollTop = top;
  else if (top + ROW_HEIGHT_PX > element.scrollTop + element.clientHeight)
    element.scrollTop = top + ROW_HEIGHT_PX - element.clientHeight;
}
