import type { JSX } from 'preact';
import type { Dropped } from '../../../src/domain.ts';
import { Sure } from '../badges.tsx';
import { Fact } from '../facts.tsx';
import { Heading } from '../heading.tsx';
import { EvidenceTable } from '../lists/evidence-table.tsx';
import { formatCount } from '../text/format.ts';
import { LogText } from '../text/log-text.tsx';
import { MomentInBoth } from '../text/moment.tsx';
import { Place } from '../text/place.tsx';
import { visibleText } from '../text/visible-text.ts';
import { Remedies } from './remedies.tsx';

/** A request that got no answer: the newest attempt, and how many there were. */
export function DroppedView({ attempts }: { readonly attempts: readonly Dropped[] }): JSX.Element | null {
  const newest = attempts.at(-1);
  if (newest === undefined) return null;
  const { at, atPrecision, status, operation, requestId, cause, symptom, root, evidence, remedies } = newest;
  return (
    <article class="failure">
      <p class="kicker">
        <b>{cause.id}</b> <Sure certainty={cause.certainty} confidence={cause.confidence} />
        <span class="flag">no 500: it got no answer{status === null ? '' : `, its proxy said ${String(status)}`}</span>
      </p>
      <Heading title={`${cause.id} ${at ?? ''}`}>{visibleText(cause.summary)}</Heading>
      <dl class="facts">
        <Fact name="When">
          <MomentInBoth at={at} precision={atPrecision} />
        </Fact>
        <Fact name="Operation">{operation ?? 'unknown'}</Fact>
        {requestId !== null && (
          <Fact name="Request">
            <span class="mono">{visibleText(requestId)}</span>
          </Fact>
        )}
        {attempts.length > 1 && (
          <Fact name="Attempts">{formatCount(attempts.length, 'attempt')} without an answer</Fact>
        )}
      </dl>
      <section aria-labelledby="lines">
        <h2 id="lines">What shows it</h2>
        <Place {...symptom} />
        <LogText text={symptom.text} />
        {root !== null && (
          <>
            <p>
              behind it: <b>{root.cause}</b> <Place {...root} />
            </p>
            <LogText text={root.text} />
          </>
        )}
      </section>
      <Remedies remedies={remedies} />
      <section aria-labelledby="evidence">
        <h2 id="evidence">Evidence</h2>
        <EvidenceTable evidence={evidence} />
      </section>
    </article>
  );
}
