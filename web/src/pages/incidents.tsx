import type { JSX } from 'preact';
import type { IncidentRecord, Page, Verdict } from '../../../src/domain.ts';
import { CauseName } from '../badges.tsx';
import { EvidenceTable } from '../lists/evidence-table.tsx';
import { Heading } from '../heading.tsx';
import { failureRow } from '../lists/failure-row.ts';
import { FailureTable } from '../lists/failure-table.tsx';
import { IncidentCards, IncidentWindow } from '../lists/incident-cards.tsx';
import { Empty, Loaded } from '../states.tsx';
import { formatCount, formatShare } from '../text/format.ts';
import { InlineLogText, LogText } from '../text/log-text.tsx';
import { Place } from '../text/place.tsx';
import { useResource } from '../use-resource.ts';

const SHOWN_INCIDENTS = 100;
const SHOWN_FAILURES = 20;

/** Times in which the server as a whole was away, full or blocked. */
export function IncidentsPage(): JSX.Element {
  const incidents = useResource<Page<IncidentRecord>>(
    '/v1/incidents',
    { limit: SHOWN_INCIDENTS },
    { refreshOn: ['incident'] },
  );
  return (
    <>
      <Heading title="Incidents" />
      <p class="note">
        Times in which Postgres as a whole was away, full or blocked, and the failures that this explains.
      </p>
      <Loaded resource={incidents}>
        {({ items, nextCursor }) =>
          items.length === 0 ? (
            <Empty title="No incident">
              <p>No crash, shutdown, full disk or pile-up of locks stands in the logs that were read.</p>
            </Empty>
          ) : (
            <>
              <IncidentCards incidents={items} />
              {nextCursor !== null && <p class="note">Shown are the newest {items.length}.</p>}
            </>
          )
        }
      </Loaded>
    </>
  );
}

export function IncidentPage({ id }: { readonly id: string }): JSX.Element {
  const incident = useResource<IncidentRecord>(
    `/v1/incidents/${encodeURIComponent(id)}`,
    {},
    { refreshOn: ['incident'] },
  );
  return (
    <>
      {incident.value === null && <Heading title="Incident" />}
      <Loaded resource={incident}>{(value) => <IncidentView incident={value} />}</Loaded>
    </>
  );
}

function IncidentView({ incident }: { readonly incident: IncidentRecord }): JSX.Element {
  const { id, cause, category, summary, file, line, byteStart, byteEnd, text, failures, share, evidence } = incident;
  const under = useResource<Page<Verdict>>(
    '/v1/failures',
    { incident: id, limit: SHOWN_FAILURES },
    { refreshOn: ['failure', 'verdict.revised'] },
  );
  return (
    <article>
      <p class="kicker">
        <CauseName cause={cause} category={category} />
        <IncidentWindow incident={incident} />
      </p>
      <Heading title={`Incident: ${cause}`}>
        <InlineLogText text={summary} />
      </Heading>
      <section aria-labelledby="opened-by">
        <h2 id="opened-by">Opened by</h2>
        <Place file={file} line={line} byteStart={byteStart} byteEnd={byteEnd} />
        <LogText text={text} />
      </section>
      {evidence.length > 0 && (
        <section aria-labelledby="incident-evidence">
          <h2 id="incident-evidence">Evidence</h2>
          <EvidenceTable evidence={evidence} />
        </section>
      )}
      <section aria-labelledby="explains">
        <h2 id="explains">
          Explains {formatCount(failures, 'failure')}
          {failures > 0 && <span class="dim"> {formatShare(share)} of those in its time</span>}
        </h2>
        <Loaded resource={under}>
          {({ items, nextCursor }) => (
            <>
              {items.length > 0 && <FailureTable label="Failures that it explains" rows={items.map(failureRow)} />}
              {nextCursor !== null && (
                <p class="more">
                  <a href={`/failures?incident=${encodeURIComponent(id)}`}>All of them</a>
                </p>
              )}
            </>
          )}
        </Loaded>
      </section>
    </article>
  );
}
