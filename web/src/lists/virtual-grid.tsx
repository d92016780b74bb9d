import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { goTo } from '../location.ts';
import { GridRow, type GridColumn } from './grid-row.tsx';
import { moveWindow, slotOf, stepTo, visibleRange, type RowWindow } from './row-range.ts';

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

const ROW_HEIGHT_PX = 30;
/** Rows beyond the edge, so that a fast scroll shows no white. */
const OVERSCAN = 6;
const NEAR_END_ROWS = 100;

/**
 * A list of any length: only the rows in sight are in the page, and a row that is scrolled away becomes the one that comes into sight.
 * The rows of the page stand in the order that is seen, for who hears them and for what is marked and copied. Arrow keys move, Enter opens.
 */
export function VirtualGrid<T>(props: VirtualGridProps<T>): JSX.Element {
  const { label, rows, columns, keyOf, addressOf, hasMore, onNearEnd, onTopChange } = props;
  const body = useRef<HTMLDivElement>(null);
  const heightPx = useRef(0);
  const [shown, setShown] = useState<RowWindow>({ from: 0, to: 40, origin: 0 });
  const [active, setActive] = useState(0);
  const focusDue = useRef(false);
  /** The row that the reader went to: new ones above it must not push another one under the focus. */
  const followed = useRef<string | null>(null);

  const look = (): void => {
    const element = body.current;
    if (element === null) return;
    const { scrollTop } = element;
    const next = visibleRange(scrollTop, heightPx.current, ROW_HEIGHT_PX, rows.length, OVERSCAN);
    const moved = moveWindow(shown, next);
    if (moved !== shown) {
      // An element that goes to the other end loses the focus on its way.
      if (element.contains(document.activeElement)) focusDue.current = true;
      setShown(moved);
    }
    onTopChange(scrollTop < ROW_HEIGHT_PX / 2);
    if (hasMore && next.to > rows.length - NEAR_END_ROWS) onNearEnd();
  };
  const newestLook = useRef(look);
  newestLook.current = look;
  useLayoutEffect(() => {
    const element = body.current;
    if (element === null) return undefined;
    // Its height is kept: to ask for it while rows change makes the browser lay them out twice.
    const measure = (): void => {
      heightPx.current = element.clientHeight;
      newestLook.current();
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, []);
  useLayoutEffect(look, [rows.length, hasMore]);
  useLayoutEffect(() => {
    const row = rows[active];
    if (followed.current === null || (row !== undefined && keyOf(row) === followed.current)) return;
    const moved = rows.findIndex((other) => keyOf(other) === followed.current);
    if (moved === -1) return;
    focusDue.current = body.current?.contains(document.activeElement) === true;
    setActive(moved);
  }, [rows]);
  useLayoutEffect(() => {
    if (!focusDue.current) return;
    focusDue.current = false;
    body.current?.querySelector<HTMLElement>(`[aria-rowindex="${active + 2}"]`)?.focus({ preventScroll: true });
  }, [active, shown]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const element = body.current;
    const row = rows[active];
    if (element === null || row === undefined) return;
    if (event.key === 'Enter') {
      event.preventDefault();
      goTo(addressOf(row));
      return;
    }
    const perPage = Math.max(1, Math.floor(heightPx.current / ROW_HEIGHT_PX) - 1);
    const next = stepTo(event.key, active, rows.length, perPage);
    if (next === null) return;
    event.preventDefault();
    focusDue.current = next !== active;
    followed.current = keyOf(rows[next] ?? row);
    scrollTo(element, heightPx.current, next);
    setActive(next);
    look();
  };

  const current = Math.min(active, Math.max(0, rows.length - 1));
  const { from } = shown;
  const to = Math.min(shown.to, rows.length);
  const draw = (index: number, key: string): JSX.Element | null => {
    const row = rows[index];
    if (row === undefined) return null;
    return <GridRow key={key} row={row} index={index} columns={columns} isCurrent={index === current} />;
  };
  // The row that has or gets the focus must not vanish while it is scrolled away.
  const away = (isAway: boolean): JSX.Element | null =>
    isAway ? (
      <div role="presentation" class="grid-away" style={{ transform: shift(current) }}>
        {draw(current, 'away')}
      </div>
    ) : null;
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
      <div
        role="rowgroup"
        class="grid-body"
        ref={body}
        onScroll={look}
        onKeyDown={onKeyDown}
        onFocusIn={({ target }) => {
          const focused = rowOf(target);
          const row = focused === null ? undefined : rows[indexOf(focused)];
          if (focused === null || row === undefined) return;
          followed.current = keyOf(row);
          setActive(indexOf(focused));
        }}
      >
        <div role="presentation" class="grid-space" style={{ height: `${rows.length * ROW_HEIGHT_PX}px` }}>
          {away(current < from)}
          <div role="presentation" class="grid-window" style={{ transform: shift(from) }}>
            {Array.from({ length: Math.max(0, to - from) }, (_, place) =>
              draw(from + place, String(slotOf(shown, from + place))),
            )}
          </div>
          {away(current >= to)}
        </div>
      </div>
    </div>
  );
}

function shift(index: number): string {
  return `translateY(${index * ROW_HEIGHT_PX}px)`;
}

function rowOf(target: EventTarget | null): Element | null {
  return target instanceof Element ? target.closest('.grid-body [role=row]') : null;
}

/** The first row of the body is the second of the grid, which counts from one. */
function indexOf(row: Element): number {
  return Number(row.getAttribute('aria-rowindex')) - 2;
}

function scrollTo(element: HTMLElement, heightPx: number, index: number): void {
  const top = index * ROW_HEIGHT_PX;
  if (top < element.scrollTop) element.scrollTop = top;
  else if (top + ROW_HEIGHT_PX > element.scrollTop + heightPx) element.scrollTop = top + ROW_HEIGHT_PX - heightPx;
}
