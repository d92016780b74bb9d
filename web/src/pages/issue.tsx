import type { JSX } from 'preact';
import type { Issue, Page, Verdict } from '../../../src/domain.ts';
import { CauseName, Flag, StateName } from '../badges.tsx';
import { Fact } from '../facts.tsx';
import { Heading } from '../heading.tsx';
import { failureRow } from '../lists/failure-row.ts';
import { FailureTable } from '../lists/failure-table.tsx';
import { useNow } from '../services.ts';
import { Spark } from '../spark.tsx';
import { Loaded } from '../states.tsx';
import { formatCount } from '../text/format.ts';
import { InlineLogText, LogText } from '../text/log-text.tsx';
import { Moment } from '../text/moment.tsx';
import { useResource } from '../use-resource.ts';
import { IssueSteps } from './issue-steps.tsx';

const SHOWN_FAILURES = 20;
const SPARK_HOURS = 168;

export function IssuePage({ id }: { readonly id: string }): JSX.Element {
  const issue = useResource<Issue>(`/v1/issues/${encodeURIComponent(id)}`, {}, { refreshOn: ['issue'] });
  return (
    <>
      {issue.value === null && <Heading title="Issue" />}
      <Loaded resource={issue}>{(value) => <IssueView issue={value} onChanged={issue.reload} />}</Loaded>
    </>
  );
}

function IssueView({ issue, onChanged }: { readonly issue: Issue; readonly onChanged: () => void }): JSX.Element {
  const nowMs = useNow(60_000);
  const failures = useResource<Page<Verdict>>(
    '/v1/failures',
    { issue: issue.id, limit: SHOWN_FAILURES },
    { refreshOn: ['failure', 'verdict.revised'] },
  );
  return (
    <article>
      <p class="kicker">
        <CauseName cause={issue.cause} category={issue.category} />
        <StateName state={issue.state} />
        {issue.flags.map((flag) => (
          <Flag key={flag} flag={flag} />
        ))}
      </p>
      <Heading title={`Issue: ${issue.cause}`}>
        <InlineLogText text={issue.title} />
      </Heading>
      <IssueSteps issue={issue} onChanged={onChanged} />
      <dl class="facts">
        <Fact name="Failures">{formatCount(issue.count, 'failure')}</Fact>
        <Fact name="First">
          <Moment at={issue.firstAt} />
        </Fact>
        <Fact name="Last">
          <Moment at={issue.lastAt} />
        </Fact>
        {issue.sqlstate !== null && <Fact name="SQLSTATE">{issue.sqlstate}</Fact>}
        {issue.operation !== null && <Fact name="Operation">{issue.operation}</Fact>}
        {issue.object !== null && (
          <Fact name="Object">
            <InlineLogText text={issue.object} />
          </Fact>
        )}
        {issue.mutedUntil !== null && (
          <Fact name="Muted until">
            <Moment at={issue.mutedUntil} />
          </Fact>
        )}
        {issue.resolvedAt !== null && (
          <Fact name="Resolved">
            <Moment at={issue.resolvedAt} />
          </Fact>
        )}
        {issue.incident !== null && (
          <Fact name="Under">
            <a href={`/incidents/${encodeURIComponent(issue.incident)}`}>an incident</a>
          </Fact>
        )}
      </dl>
      <section aria-labelledby="hours">
        <h2 id="hours">By the hour, 7 days</h2>
        <div class="scroll-x" tabIndex={0} role="region" aria-label="Failures by the hour">
          <Spark hourly={issue.hourly} endMs={nowMs} hours={SPARK_HOURS} height={64} barWidth={4} />
        </div>
      </section>
      <section aria-labelledby="wording">
        <h2 id="wording">Wording</h2>
        <LogText text={issue.text} />
      </section>
      <section aria-labelledby="issue-failures">
        <h2 id="issue-failures">Its newest failures</h2>
        <Loaded resource={failures}>
          {({ items, nextCursor }) => (
            <>
              {items.length === 0 ? (
                <p class="dim">They are older than what the index keeps; the counts stay.</p>
              ) : (
                <FailureTable label="Failures of this issue" rows={items.map(failureRow)} />
              )}
              {nextCursor !== null && (
                <p class="more">
                  <a href={`/failures?issue=${encodeURIComponent(issue.id)}`}>All of them</a>
                </p>
              )}
            </>
          )}
        </Loaded>
      </section>
    </article>
  );
}
