import type { JSX } from 'preact';
import type { IncidentRecord } from '../../../src/domain.ts';
import { incidentRuns } from '../../../src/incident-runs.ts';
import { CauseName } from '../badges.tsx';
import { usePreferences } from '../preferences.ts';
import { formatCount, formatShare, formatSpan } from '../text/format.ts';
import { InlineLogText } from '../text/log-text.tsx';
import { Moment } from '../text/moment.tsx';
import { Place } from '../text/place.tsx';
import { formatDate } from '../text/time.ts';

/** What is over sooner has one time: to the second, its two are the same. */
const MOMENT_MS = 1_000;

/** Incidents, each with its window and what it explains; of those that overlap the one that explains most, with the others below it. */
export function IncidentCards({ incidents }: { readonly incidents: readonly IncidentRecord[] }): JSX.Element {
  return (
    <ul class="cards">
      {incidentRuns(incidents).map(({ shown, others }) => (
        // The oldest of a run stays in it while new ones come.
        <li key={(others.at(-1) ?? shown).id}>
          <IncidentCard incident={shown} />
          {others.length > 0 && <Overlapping others={others} />}
        </li>
      ))}
    </ul>
  );
}

function Overlapping({ others }: { readonly others: readonly IncidentRecord[] }): JSX.Element {
  const failures = others.reduce((sum, one) => sum + one.failures, 0);
  return (
    <details class="overlapping">
      <summary>
        {others.length} more of this cause overlap, with {formatCount(failures, 'failure')}
      </summary>
      <ul class="cards">
        {others.map((incident) => (
          <li key={incident.id}>
            <IncidentCard incident={incident} />
          </li>
        ))}
      </ul>
    </details>
  );
}

function IncidentCard({ incident }: { readonly incident: IncidentRecord }): JSX.Element {
  const { id, cause, category, summary, failures, share, file, line } = incident;
  return (
    <div class={`card incident ${incident.endAt === null ? 'is-open' : ''}`}>
      <div class="card-head">
        <CauseName cause={cause} category={category} />
        <IncidentWindow incident={incident} />
      </div>
      <p class="card-title">
        <a href={`/incidents/${encodeURIComponent(id)}`}>
          <InlineLogText text={summary} />
        </a>
      </p>
      <p class="dim">
        {failures === 0 ? (
          'explains no failure so far'
        ) : (
          <>
            explains <a href={`/failures?incident=${encodeURIComponent(id)}`}>{formatCount(failures, 'failure')}</a>
            {/* None of them in its time: a log of whole seconds puts them just before it. */}
            {share === 0 ? '' : `, ${formatShare(share)} of those in its time`}
          </>
        )}{' '}
        · <Place file={file} line={line} />
      </p>
    </div>
  );
}

export function IncidentWindow({ incident: { startAt, endAt } }: { readonly incident: IncidentRecord }): JSX.Element {
  const { zone } = usePreferences();
  if (endAt === null) {
    return (
      <span class="window">
        <span class="open-mark">
          <span aria-hidden="true">◉ </span>open
        </span>{' '}
        since <Moment at={startAt} />
      </span>
    );
  }
  const [startMs, endMs] = [Date.parse(startAt), Date.parse(endAt)];
  if (endMs - startMs < MOMENT_MS) {
    return (
      <span class="window dim">
        <Moment at={startAt} />
      </span>
    );
  }
  const sameDay = formatDate(startMs, zone) === formatDate(endMs, zone);
  return (
    <span class="window dim">
      <Moment at={startAt} /> to <Moment at={endAt} form={sameDay ? 'clock' : 'full'} />, {formatSpan(endMs - startMs)}
    </span>
  );
}
