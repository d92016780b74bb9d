import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Page, Verdict } from '../../../src/domain.ts';
import type { Parameters } from '../api-client.ts';
import { useServices } from '../services.ts';
import { Trouble } from '../trouble.ts';
import { failureRow, type FailureRow } from './failure-row.ts';

export interface FailurePages {
  readonly rows: readonly FailureRow[];
  readonly hasMore: boolean;
  readonly isLoading: boolean;
  readonly trouble: Trouble | null;
  /** More failures match than a page of this kind holds. */
  readonly isFull: boolean;
  readonly loadMore: () => void;
  /** Begins anew. */
  readonly reload: () => void;
  /** Asks for the newest ones again: what came while nobody listened. */
  readonly refresh: () => void;
  /** Puts a new failure on top, or renews one that is there. */
  readonly put: (verdict: Verdict, how: 'new' | 'known') => void;
}

interface Held {
  readonly rows: readonly FailureRow[];
  readonly cursor: string | null;
  readonly isLoading: boolean;
  readonly trouble: Trouble | null;
}

/** The first page is there at once; who goes on down gets larger ones. */
const FIRST_ROWS = 100;
const PAGE_ROWS = 500;
/** Some 20 MB of rows; who needs more narrows the filter, or asks the API. */
const MOST_ROWS = 50_000;
const NOTHING: Held = { rows: [], cursor: null, isLoading: true, trouble: null };

/** The failures that match, newest first, fetched page by page as the reader goes down. */
export function useFailurePages(filter: Parameters): FailurePages {
  const { api, onDenied } = useServices();
  const key = JSON.stringify(filter);
  const [held, setHeld] = useState<Held>(NOTHING);
  const [turn, setTurn] = useState(0);
  const newestKey = useRef(key);
  newestKey.current = key;
  const inFlight = useRef<AbortController | null>(null);

  const fetchPage = useCallback(
    (cursor: string | null): void => {
      if (inFlight.current !== null) return;
      const stop = new AbortController();
      inFlight.current = stop;
      setHeld((last) => ({ ...last, isLoading: true }));
      const parameters = {
        ...(JSON.parse(key) as Parameters),
        limit: cursor === null ? FIRST_ROWS : PAGE_ROWS,
        cursor,
      };
      api.get<Page<Verdict>>('/v1/failures', parameters, stop.signal).then(
        ({ items, nextCursor }) => {
          if (stop.signal.aborted) return;
          inFlight.current = null;
          setHeld(({ rows }) => ({ rows: append(rows, items), cursor: nextCursor, isLoading: false, trouble: null }));
        },
        (error: unknown) => {
          if (stop.signal.aborted) return;
          inFlight.current = null;
          const trouble = error instanceof Trouble ? error : new Trouble('refused', String(error));
          if (trouble.kind === 'denied') onDenied();
          setHeld((last) => ({ ...last, isLoading: false, trouble }));
        },
      );
    },
    [api, key, onDenied],
  );

  useEffect(() => {
    setHeld(NOTHING);
    fetchPage(null);
    return () => {
      inFlight.current?.abort();
      inFlight.current = null;
    };
  }, [fetchPage, turn]);

  const refresh = useCallback((): void => {
    const parameters = { ...(JSON.parse(key) as Parameters), limit: FIRST_ROWS };
    api.get<Page<Verdict>>('/v1/failures', parameters, new AbortController().signal).then(
      ({ items }) => {
        // Of a filter that was left meanwhile.
        if (newestKey.current !== key) return;
        setHeld((last) => {
          const rows = [...items].reverse().reduce((all, verdict) => renew(all, failureRow(verdict), 'new'), last.rows);
          return { ...last, rows };
        });
      },
      () => undefined, // The list that is there stays; the frame says that the daemon is away.
    );
  }, [api, key]);

  const isFull = held.rows.length >= MOST_ROWS;
  const { cursor, trouble } = held;
  return {
    rows: held.rows,
    hasMore: cursor !== null && !isFull,
    isLoading: held.isLoading,
    trouble,
    isFull,
    loadMore: () => {
      if (cursor !== null && !isFull && trouble === null) fetchPage(cursor);
    },
    reload: () => {
      setTurn((last) => last + 1);
    },
    refresh,
    put: (verdict, how) => {
      setHeld((last) => ({ ...last, rows: renew(last.rows, failureRow(verdict), how) }));
    },
  };
}

function append(rows: readonly FailureRow[], items: readonly Verdict[]): readonly FailureRow[] {
  const known = new Set(rows.map(({ id }) => id));
  return [...rows, ...items.filter(({ id }) => !known.has(id)).map(failureRow)];
}

function renew(rows: readonly FailureRow[], row: FailureRow, how: 'new' | 'known'): readonly FailureRow[] {
  const place = rows.findIndex(({ id }) => id === row.id);
  if (place !== -1) return rows.with(place, row);
  if (how === 'known') return rows;
  // Newest first by the log's own time, as the daemon lists them.
  const before = rows.findIndex(({ at }) => (at ?? '') <= (row.at ?? ''));
  return before === -1 ? [...rows, row] : rows.toSpliced(before, 0, row);
}
