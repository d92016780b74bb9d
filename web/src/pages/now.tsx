import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { IncidentRecord, Issue, Page, SourceStatus, Stats, Verdict } from '../../../src/domain.ts';
import { RateChart } from '../chart/rate-chart.tsx';
import { rateSeries } from '../chart/rate-series.ts';
import { Heading } from '../heading.tsx';
import { FailureTable } from '../lists/failure-table.tsx';
import { failureRow } from '../lists/failure-row.ts';
import { IncidentCards } from '../lists/incident-cards.tsx';
import { IssueTable } from '../lists/issue-table.tsx';
import { SourceLine } from '../lists/source-line.tsx';
import { usePlace, withQuery } from '../location.ts';
import { useNow } from '../services.ts';
import { Empty, Loaded } from '../states.tsx';
import { formatAgo, formatCount } from '../text/format.ts';
import { Moment } from '../text/moment.tsx';
import { useResource } from '../use-resource.ts';

interface Span {
  readonly name: string;
  readonly words: string;
  readonly ms: number;
  readonly bucket: '1m' | '1h';
}

const HOUR_MS = 3_600_000;
const HOUR: Span = { name: '1h', words: 'in the last hour', ms: HOUR_MS, bucket: '1m' };
const SPANS: readonly Span[] = [
  HOUR,
  { name: '6h', words: 'in the last 6 hours', ms: 6 * HOUR_MS, bucket: '1m' },
  { name: '24h', words: 'in the last 24 hours', ms: 24 * HOUR_MS, bucket: '1h' },
  { name: '7d', words: 'in the last 7 days', ms: 168 * HOUR_MS, bucket: '1h' },
];

const MINUTE_MS = 60_000;
const SHOWN = { incidents: 5, issues: 8, failures: 10 } as const;

/** What happens now: how much fails and why, what is open, and whether the logs are read. */
export function NowPage(): JSX.Element {
  const { query } = usePlace();
  const span = SPANS.find(({ name }) => name === query.get('span')) ?? HOUR;
  const latest = useResource<Page<Verdict>>(
    '/v1/failures',
    { limit: SHOWN.failures },
    { refreshOn: ['failure', 'verdict.revised'] },
  );
  return (
    <>
      <Rates span={span} latestAt={latest.value?.items[0]?.at ?? null} query={query} />
      <div class="columns">
        <OpenIncidents />
        <Logs />
      </div>
      <OpenIssues />
      <section aria-labelledby="latest">
        <h2 id="latest">Latest failures</h2>
        <Loaded resource={latest}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty title="None so far" />
            ) : (
              <>
                <FailureTable label="Latest failures" rows={items.map(failureRow)} />
                <p class="more">
                  <a href="/failures">All failures</a>
                </p>
              </>
            )
          }
        </Loaded>
      </section>
    </>
  );
}

interface RatesProps {
  readonly span: Span;
  readonly latestAt: string | null;
  readonly query: URLSearchParams;
}

/** The window that ends now; where nothing failed in it, the one that ends with the newest failure, and it is said so. */
function Rates({ span, latestAt, query }: RatesProps): JSX.Element {
  const nowMs = useNow(10_000);
  const current = useWindow(span, nowMs);
  const isQuiet = current.stats.value?.failures === 0;
  const latestMs = latestAt === null ? null : Date.parse(latestAt);
  const past = useWindow(span, latestMs ?? nowMs, isQuiet && latestMs !== null);
  const shown = isQuiet && latestMs !== null && past.stats.value !== null ? past : current;
  const { stats, fromMs, untilMs } = shown;
  const { value } = stats;
  const series = useMemo(() => (value === null ? null : rateSeries(value, fromMs, untilMs)), [value, fromMs, untilMs]);
  const count = current.stats.value?.failures;
  return (
    <section aria-label="Failures over time">
      <div class="headline">
        <Heading title="Now">
          {count === undefined ? 'Failures' : count === 0 ? 'No failures' : formatCount(count, 'failure')}{' '}
          <span class="dim">{span.words}</span>
        </Heading>
        <nav class="spans" aria-label="Window">
          {SPANS.map(({ name }) => (
            <a
              key={name}
              href={withQuery(query, { span: name === HOUR.name ? '' : name })}
              {...(name === span.name ? { 'aria-current': 'true' as const } : {})}
            >
              {name}
            </a>
          ))}
        </nav>
      </div>
      {shown === past && latestAt !== null && (
        <p class="note">
          The newest failure was {formatAgo(nowMs - Date.parse(latestAt))}. Shown is the time up to it,{' '}
          <Moment at={latestAt} />.
        </p>
      )}
      <Loaded resource={stats}>
        {({ failures }) =>
          failures === 0 || series === null ? (
            <Empty title="All quiet">
              <p>denokv returned no 500 {latestAt === null ? 'that whyd has seen' : span.words}.</p>
            </Empty>
          ) : (
            <RateChart series={series} />
          )
        }
      </Loaded>
    </section>
  );
}

function useWindow(span: Span, endMs: number, isWanted = true) {
  const bucketMs = span.bucket === '1m' ? MINUTE_MS : HOUR_MS;
  // Whole buckets, the running one among them.
  const untilMs = (Math.floor(endMs / bucketMs) + 1) * bucketMs;
  const fromMs = untilMs - span.ms;
  const stats = useResource<Stats>(
    isWanted ? '/v1/stats' : null,
    { since: new Date(fromMs).toISOString(), until: new Date(untilMs).toISOString(), bucket: span.bucket },
    { refreshOn: ['failure', 'verdict.revised'], about: `${span.name} ${String(isWanted)}` },
  );
  return { stats, fromMs, untilMs };
}

function OpenIncidents(): JSX.Element {
  const incidents = useResource<Page<IncidentRecord>>(
    '/v1/incidents',
    { open: 'true', limit: SHOWN.incidents },
    { refreshOn: ['incident'] },
  );
  return (
    <section aria-labelledby="open-incidents">
      <h2 id="open-incidents">Open incidents</h2>
      <Loaded resource={incidents}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="None open">
              <p>
                The server is not known to be down, full or blocked. <a href="/incidents">Earlier incidents</a>
              </p>
            </Empty>
          ) : (
            <IncidentCards incidents={items} />
          )
        }
      </Loaded>
    </section>
  );
}

function OpenIssues(): JSX.Element {
  const issues = useResource<Page<Issue>>(
    '/v1/issues',
    { state: 'open', limit: SHOWN.issues },
    { refreshOn: ['issue', 'failure'] },
  );
  return (
    <section aria-labelledby="open-issues">
      <h2 id="open-issues">Open issues</h2>
      <Loaded resource={issues}>
        {({ items, nextCursor }) =>
          items.length === 0 ? (
            <Empty title="None open" />
          ) : (
            <>
              <IssueTable issues={items} label="Open issues" />
              {nextCursor !== null && (
                <p class="more">
                  <a href="/issues">All open issues</a>
                </p>
              )}
            </>
          )
        }
      </Loaded>
    </section>
  );
}

function Logs(): JSX.Element {
  const sources = useResource<Page<SourceStatus>>('/v1/sources', {}, { refreshOn: ['source', 'failure'] });
  const nowMs = useNow(10_000);
  return (
    <section aria-labelledby="logs">
      <h2 id="logs">Logs</h2>
      <Loaded resource={sources}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No log is followed">
              <p>The configuration names files that are not there yet.</p>
            </Empty>
          ) : (
            <>
              <ul class="source-lines">
                {items.map((source, index) => (
                  // By place: of one path there are two for a while after a rotation.
                  <SourceLine key={index} source={source} nowMs={nowMs} />
                ))}
              </ul>
              <p class="more">
                <a href="/sources">Formats, positions and gaps</a>
              </p>
            </>
          )
        }
      </Loaded>
    </section>
  );
}
