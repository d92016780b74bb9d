import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Issue, IssueState, Page } from '../../../src/domain.ts';
import { Heading } from '../heading.tsx';
import { IssueTable } from '../lists/issue-table.tsx';
import { usePlace, withQuery } from '../location.ts';
import { Empty, Loaded } from '../states.tsx';
import { useResource } from '../use-resource.ts';

const STATES: readonly IssueState[] = ['open', 'muted', 'resolved'];
const FIRST_ROWS = 100;
const MOST_ROWS = 500;

const EMPTY: Readonly<Record<IssueState, string>> = {
  open: 'No open issue: nothing fails that nobody has dealt with.',
  muted: 'Nothing is muted.',
  resolved: 'Nothing was resolved so far.',
};

/** Failures of one kind, gathered: what to mute, resolve and watch. */
export function IssuesPage(): JSX.Element {
  const { query } = usePlace();
  const asked = query.get('state');
  const state = asked === 'all' ? null : (STATES.find((each) => each === asked) ?? 'open');
  const cause = query.get('cause');
  const [limit, setLimit] = useState(FIRST_ROWS);
  const issues = useResource<Page<Issue>>(
    '/v1/issues',
    { state, cause, limit },
    { refreshOn: ['issue', 'failure'], about: `issues ${String(state)} ${String(cause)}` },
  );
  return (
    <>
      <div class="headline">
        <Heading title="Issues" />
        <nav class="spans" aria-label="State">
          {[...STATES, 'all'].map((each) => (
            <a
              key={each}
              href={withQuery(query, { state: each === 'open' ? '' : each })}
              {...(each === (state ?? 'all') ? { 'aria-current': 'true' as const } : {})}
            >
              {each}
            </a>
          ))}
        </nav>
      </div>
      <p class="note">An issue gathers the failures of one cause, SQLSTATE, operation and wording.</p>
      <Loaded resource={issues}>
        {({ items, nextCursor }) =>
          items.length === 0 ? (
            <Empty title="None">
              <p>{state === null ? 'denokv returned no 500 that whyd has seen.' : EMPTY[state]}</p>
            </Empty>
          ) : (
            <>
              <IssueTable issues={items} label="Issues" withState={state === null} />
              {nextCursor !== null && limit < MOST_ROWS && (
                <p class="more">
                  <button
                    type="button"
                    onClick={() => {
                      setLimit(MOST_ROWS);
                    }}
                  >
                    Show more
                  </button>
                </p>
              )}
            </>
          )
        }
      </Loaded>
    </>
  );
}
