import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Timeline, TimelineEntry, TimelineRole, Verdict } from '../../../src/domain.ts';
import { Loaded } from '../states.tsx';
import { formatCount, formatDelta } from '../text/format.ts';
import { LogText } from '../text/log-text.tsx';
import { Moment } from '../text/moment.tsx';
import { Place } from '../text/place.tsx';
import { useResource } from '../use-resource.ts';

const WINDOWS = ['2s', '10s', '1m', '5m'] as const;

const ROLES: Readonly<Record<TimelineRole, string>> = {
  symptom: 'the 500',
  entry: 'the error it received',
  root: 'behind it',
  session: 'same session',
  alternative: 'may be it instead',
};

/** Both logs around the failure, side by side in one sequence. */
export function TimelineSection({ verdict }: { readonly verdict: Verdict }): JSX.Element {
  const [window, setWindow] = useState<string>('10s');
  const timeline = useResource<Timeline>(
    `/v1/failures/${encodeURIComponent(verdict.id)}/timeline`,
    { window },
    { about: `timeline ${verdict.id}` },
  );
  // A revised answer rests on other entries, and the timeline marks them.
  const answer = JSON.stringify([verdict.postgres, verdict.root, verdict.coverage.settled]);
  const shownAnswer = useRef(answer);
  const { reload } = timeline;
  useEffect(() => {
    if (shownAnswer.current === answer) return;
    shownAnswer.current = answer;
    reload();
  }, [answer, reload]);
  return (
    <section aria-labelledby="timeline">
      <div class="headline">
        <h2 id="timeline">Both logs, in one sequence</h2>
        <label class="window-choice">
          <span class="dim">around it </span>
          <select
            value={window}
            onChange={(event) => {
              setWindow(event.currentTarget.value);
            }}
          >
            {WINDOWS.map((each) => (
              <option key={each} value={each}>
                ± {each.replace(/(\d+)([a-z])/, '$1 $2').replace(' m', ' min')}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Loaded resource={timeline}>{(value) => <TimelineTable timeline={value} at={verdict.at} />}</Loaded>
    </section>
  );
}

function TimelineTable({ timeline, at }: { readonly timeline: Timeline; readonly at: string | null }): JSX.Element {
  const { entries, omitted } = timeline;
  const region = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const symptom = region.current?.querySelector<HTMLElement>('.role-symptom');
    if (region.current !== null && symptom != null)
      region.current.scrollTop = symptom.offsetTop - region.current.clientHeight / 2;
  }, [timeline.failureId, timeline.from]);
  if (entries.length === 0) return <p class="dim">The index holds no entry around that time.</p>;
  const zeroMs = at === null ? null : Date.parse(at);
  return (
    <>
      <div ref={region} class="scroll-x timeline-region" tabIndex={0} role="region" aria-label="Both logs, table">
        <table class="timeline">
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col">denokv</th>
              <th scope="col">Postgres</th>
            </tr>
          </thead>
          <tbody>
            {entries.map((entry, index) => (
              <Row
                key={index}
                entry={entry}
                zeroMs={zeroMs}
                isSameTime={entry.at !== null && entry.at === entries[index - 1]?.at}
              />
            ))}
          </tbody>
        </table>
      </div>
      {omitted > 0 && <p class="note">{formatCount(omitted, 'entry')} further away left out.</p>}
    </>
  );
}

interface RowProps {
  readonly entry: TimelineEntry;
  readonly zeroMs: number | null;
  /** Of the same moment as the row above: then the time is said, but not shown again. */
  readonly isSameTime: boolean;
}

function Row({ entry, zeroMs, isSameTime }: RowProps): JSX.Element {
  const { at, atPrecision, source, role } = entry;
  const isWhole = atPrecision === 'second';
  const said = <Said entry={entry} />;
  return (
    <tr class={role === null ? 'aside' : `role-${role}`}>
      <th scope="row">
        <span class={isSameTime ? 'hidden' : ''}>
          <Moment at={at} precision={atPrecision} form="clock" />
          {at !== null && zeroMs !== null && <span class="delta">{formatDelta(Date.parse(at) - zeroMs, isWhole)}</span>}
        </span>
      </th>
      <td>{source === 'postgres' ? null : said}</td>
      <td>{source === 'postgres' ? said : null}</td>
    </tr>
  );
}

function Said({ entry }: { readonly entry: TimelineEntry }): JSX.Element {
  const { role, source, severity, pid, sqlstate, text, file, line } = entry;
  return (
    <div class="said">
      <p class="said-head">
        {role !== null && <b class="role">{ROLES[role]}</b>}
        <Place file={file} line={line} />
        <span class="dim">
          {[source === 'proxy' ? 'proxy' : null, severity, sqlstate, pid === null ? null : `pid ${pid}`]
            .filter((part) => part !== null)
            .join(' · ')}
        </span>
      </p>
      <LogText text={text} />
    </div>
  );
}
