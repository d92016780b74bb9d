import type { JSX } from 'preact';
import type { Verdict } from '../../../src/domain.ts';
import { CauseName, Sure } from '../badges.tsx';
import { Fact } from '../facts.tsx';
import { Heading } from '../heading.tsx';
import { EvidenceTable } from '../lists/evidence-table.tsx';
import { formatShare } from '../text/format.ts';
import { InlineLogText } from '../text/log-text.tsx';
import { MomentInBoth } from '../text/moment.tsx';
import { Place } from '../text/place.tsx';
import { visibleText } from '../text/visible-text.ts';
import { Chain } from './chain.tsx';
import { DeadlockCycle } from './deadlock-cycle.tsx';
import { CopyMarkdown } from './copy-markdown.tsx';
import { Remedies } from './remedies.tsx';
import { TimelineSection } from './timeline.tsx';

const COVERAGE_WORDS = {
  complete: 'read without a gap',
  gap: 'has a gap around this time: lines are missing',
  behind: 'is not read past this time yet',
  absent: 'is not followed',
} as const;

/** The whole answer for one failure. */
export function FailureView({ verdict }: { readonly verdict: Verdict }): JSX.Element {
  const { cause, coverage, evidence, remedies, alternatives } = verdict;
  return (
    <article class="failure">
      <p class="kicker">
        <CauseName cause={cause.id} category={cause.category} />
        <Sure certainty={cause.certainty} confidence={cause.confidence} />
        {!coverage.settled && <span class="flag">… settling: may still change</span>}
        {verdict.inferred === true && <span class="flag">inferred: denokv logged no error</span>}
      </p>
      <Heading title={`${cause.id} ${verdict.at ?? ''}`}>
        <InlineLogText text={cause.summary} length={1_000} />
      </Heading>
      <Facts verdict={verdict} />
      <CoverageNotes verdict={verdict} />
      <Chain verdict={verdict} />
      {verdict.deadlock !== undefined && <DeadlockCycle deadlock={verdict.deadlock} />}
      <Remedies remedies={remedies} />
      <section aria-labelledby="evidence">
        <h2 id="evidence">Evidence</h2>
        <EvidenceTable evidence={evidence} />
        {alternatives.length > 0 && (
          <p class="alternatives">
            The line may also be{' '}
            {alternatives.map(({ file, line, confidence, why }, index) => (
              <span key={`${file}:${line}`}>
                {index > 0 && ', '}
                <Place file={file} line={line} />{' '}
                <span class="dim">
                  ({formatShare(confidence)}
                  {why !== undefined && `: ${visibleText(why)}`})
                </span>
              </span>
            ))}
            .
          </p>
        )}
        <Surer verdict={verdict} />
      </section>
      <TimelineSection verdict={verdict} />
    </article>
  );
}

function Facts({ verdict }: { readonly verdict: Verdict }): JSX.Element {
  const { id, at, atPrecision, operation, requestId, cause, issue, episode } = verdict;
  return (
    <div class="facts-row">
      <dl class="facts">
        <Fact name="When">
          <MomentInBoth at={at} precision={atPrecision} />
        </Fact>
        <Fact name="Operation">{operation ?? 'unknown'}</Fact>
        {cause.sqlstate !== null && <Fact name="SQLSTATE">{cause.sqlstate}</Fact>}
        {requestId !== null && (
          <Fact name="Request">
            <span class="mono">{visibleText(requestId)}</span>
          </Fact>
        )}
        {episode !== undefined && episode.attempt > 1 && (
          <Fact name="Attempt">{episode.attempt} of one request, sent again</Fact>
        )}
        <Fact name="Issue">
          <a class="mono" href={`/issues/${encodeURIComponent(issue)}`}>
            {issue}
          </a>
        </Fact>
        <Fact name="Id">
          <a class="mono" href={`/failures/${encodeURIComponent(id)}`}>
            {id}
          </a>
        </Fact>
      </dl>
      <CopyMarkdown verdict={verdict} />
    </div>
  );
}

/** What would have made the answer surer. */
function Surer({
  verdict: { cause, notAvailable = [], wouldHelp },
}: {
  readonly verdict: Verdict;
}): JSX.Element | null {
  if (notAvailable.length === 0 && wouldHelp === undefined) return null;
  return (
    <div class="surer">
      <h3>{cause.certainty === 'unknown' ? 'What would tell it' : 'What would make it surer'}</h3>
      <ul class="notes">
        {wouldHelp !== undefined && (
          <li>
            <b>{visibleText(wouldHelp.do)}</b> <span class="dim">{visibleText(wouldHelp.why)}</span>
          </li>
        )}
        {notAvailable.map((lack) => (
          <li key={lack}>{visibleText(lack)}</li>
        ))}
      </ul>
    </div>
  );
}

/** What could not be seen: an answer from half of the logs must not look like a whole one. */
function CoverageNotes({ verdict: { coverage } }: { readonly verdict: Verdict }): JSX.Element | null {
  const logs = [
    { name: 'denokv’s log', state: coverage.denokv },
    { name: 'the Postgres log', state: coverage.postgres },
  ].filter(({ state }) => state !== 'complete');
  if (logs.length === 0) return null;
  return (
    <div class="trouble" role="note">
      {logs.map(({ name, state }) => (
        <p key={name}>
          <span aria-hidden="true">▲ </span>
          {`${name.charAt(0).toUpperCase()}${name.slice(1)} ${COVERAGE_WORDS[state]}.`}
        </p>
      ))}
    </div>
  );
}
