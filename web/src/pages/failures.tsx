import type { JSX } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import type { Verdict } from '../../../src/domain.ts';
import { Heading } from '../heading.tsx';
import { FAILURE_COLUMNS, failureAddress } from '../lists/failure-columns.tsx';
import { FailureFilters, filterOf, matchesFilter } from '../lists/failure-filters.tsx';
import { isVerdict } from '../lists/failure-row.ts';
import { useFailurePages } from '../lists/use-failure-pages.ts';
import { VirtualGrid } from '../lists/virtual-grid.tsx';
import { usePlace } from '../location.ts';
import { useLiveEvents, useServices } from '../services.ts';
import { Empty, TroubleBox } from '../states.tsx';
import { formatCount, formatNumber } from '../text/format.ts';

/** Waiting failures that are kept while the reader is further down; beyond that the list is fetched anew. */
const MOST_WAITING = 500;

/** All failures, newest first, narrowed by what stands in the address. */
export function FailuresPage(): JSX.Element {
  const { query } = usePlace();
  const filter = filterOf(query);
  const pages = useFailurePages(filter);
  const [isAtTop, setAtTop] = useState(true);
  const [waiting, setWaiting] = useState<readonly Verdict[]>([]);
  const { rows, put, reload, refresh, hasMore, isLoading, trouble } = pages;
  const { live } = useServices();
  useEffect(() => live.onReturn(refresh), [live, refresh]);

  useLiveEvents(['failure', 'verdict.revised'], ({ type, data }) => {
    if (!isVerdict(data) || !matchesFilter(data, filter)) return;
    if (type === 'verdict.revised') put(data, 'known');
    else if (isAtTop) put(data, 'new');
    else setWaiting((last) => [data, ...last.filter(({ id }) => id !== data.id)].slice(0, MOST_WAITING));
  });
  useLiveEvents(['reset'], reload);

  const onTopChange = useCallback((now: boolean) => {
    setAtTop(now);
  }, []);
  const showWaiting = (): void => {
    for (const verdict of [...waiting].reverse()) put(verdict, 'new');
    setWaiting([]);
    document.querySelector('.grid-body')?.scrollTo({ top: 0 });
  };

  return (
    <div class="list-page">
      <Heading title="Failures" />
      <FailureFilters query={query} />
      <div class="list-status" role="status">
        {isLoading && rows.length === 0
          ? 'reading …'
          : `${formatNumber(rows.length)}${hasMore ? '+' : ''} ${rows.length === 1 ? 'failure' : 'failures'}, newest first`}
        {pages.isFull && ' · the list holds no more: narrow it'}
        {waiting.length > 0 && (
          <button type="button" class="primary" onClick={showWaiting}>
            <span aria-hidden="true">↑ </span>
            {formatCount(waiting.length, 'new failure')}
          </button>
        )}
      </div>
      {trouble !== null && <TroubleBox trouble={trouble} onRetry={reload} />}
      {rows.length === 0 && !isLoading && trouble === null ? (
        <Empty title="No failure matches">
          <p>
            {[...query.keys()].length > 0 ? (
              <a href="/failures">Show all failures</a>
            ) : (
              <>
                denokv returned no 500 that whyd has seen. <a href="/sources">What is read</a> says from where.
              </>
            )}
          </p>
        </Empty>
      ) : (
        rows.length > 0 && (
          <VirtualGrid
            label="Failures"
            rows={rows}
            columns={FAILURE_COLUMNS}
            keyOf={({ id }) => id}
            addressOf={({ id }) => failureAddress(id)}
            hasMore={hasMore}
            onNearEnd={pages.loadMore}
            onTopChange={onTopChange}
          />
        )
      )}
    </div>
  );
}
