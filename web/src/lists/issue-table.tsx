import type { JSX } from 'preact';
import type { Issue } from '../../../src/domain.ts';
import { CauseName, Flag, StateName } from '../badges.tsx';
import { useNow } from '../services.ts';
import { Spark } from '../spark.tsx';
import { formatNumber } from '../text/format.ts';
import { InlineLogText } from '../text/log-text.tsx';
import { Ago } from '../text/moment.tsx';

interface IssueTableProps {
  readonly issues: readonly Issue[];
  readonly label: string;
  readonly withState?: boolean;
}

export function IssueTable({ issues, label, withState = false }: IssueTableProps): JSX.Element {
  const nowMs = useNow(10_000);
  return (
    <div class="scroll-x" tabIndex={0} role="region" aria-label={`${label}, table`}>
      <table class="plain issues">
        <thead>
          <tr>
            <th scope="col">Issue</th>
            <th scope="col">Cause</th>
            <th scope="col" class="number">
              Failures
            </th>
            <th scope="col">48 hours</th>
            <th scope="col">Last</th>
            <th scope="col">First</th>
          </tr>
        </thead>
        <tbody>
          {issues.map((issue) => (
            <tr key={issue.id}>
              <td class="issue-title">
                <a href={`/issues/${encodeURIComponent(issue.id)}`}>
                  <InlineLogText text={issue.title} length={220} />
                </a>
                <span class="marks-line">
                  {withState && <StateName state={issue.state} />}
                  {issue.flags.map((flag) => (
                    <Flag key={flag} flag={flag} />
                  ))}
                  {issue.operation !== null && <span class="dim">{issue.operation}</span>}
                  {issue.sqlstate !== null && <span class="dim mono">{issue.sqlstate}</span>}
                  {issue.incident !== null && (
                    <a class="dim" href={`/incidents/${encodeURIComponent(issue.incident)}`}>
                      under an incident
                    </a>
                  )}
                </span>
              </td>
              <td>
                <CauseName cause={issue.cause} category={issue.category} />
              </td>
              <td class="number strong">{formatNumber(issue.count)}</td>
              <td>
                <Spark hourly={issue.hourly} endMs={nowMs} hours={48} />
              </td>
              <td class="nowrap">
                <Ago at={issue.lastAt} nowMs={nowMs} />
              </td>
              <td class="nowrap dim">
                <Ago at={issue.firstAt} nowMs={nowMs} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
