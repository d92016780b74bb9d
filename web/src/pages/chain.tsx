import type { ComponentChildren, JSX } from 'preact';
import type { Verdict } from '../../../src/domain.ts';
import { formatShare } from '../text/format.ts';
import { LogText } from '../text/log-text.tsx';
import { Place } from '../text/place.tsx';
import { Moment } from '../text/moment.tsx';
import { printedPrecision } from '../text/time.ts';

const NO_ENTRY =
  'Usual for refused and lost connections and for errors of denokv itself: the cause is taken from denokv’s own words.';
const NO_ENTRY_YET = 'The logs are still being read past this moment; what they tell appears here by itself.';

/** From what the client saw to what lies behind it. */
export function Chain({ verdict }: { readonly verdict: Verdict }): JSX.Element {
  const { symptom, postgres, root, at, atPrecision } = verdict;
  const isSettled = verdict.coverage.settled;
  return (
    <section aria-labelledby="chain">
      <h2 id="chain">From the 500 to its cause</h2>
      <ol class="chain">
        <Link
          title="denokv returned 500"
          place={
            <>
              <Place {...symptom} /> <Moment at={at} precision={atPrecision} form="clock" />
            </>
          }
        >
          <LogText text={symptom.text} />
        </Link>
        {postgres === null ? (
          <Link title={isSettled ? 'Postgres wrote no entry for it' : 'No Postgres entry so far'} kind="none">
            <p class="dim">{isSettled ? NO_ENTRY : NO_ENTRY_YET}</p>
          </Link>
        ) : (
          <Link
            title="because Postgres said"
            place={
              <>
                <Place {...postgres} />
                {postgres.pid !== null && <span class="dim"> pid {postgres.pid}</span>}{' '}
                <Moment
                  at={postgres.at}
                  precision={postgres.at === null ? null : printedPrecision(postgres.at)}
                  form="clock"
                />
                <span class="dim"> · this very line: {formatShare(postgres.confidence)}</span>
              </>
            }
          >
            <LogText text={postgres.text} />
          </Link>
        )}
        {root !== null && (
          <Link
            kind="root"
            title={
              <>
                behind it: <b>{root.cause}</b>
              </>
            }
            place={<Place {...root} />}
          >
            <LogText text={root.text} />
          </Link>
        )}
      </ol>
    </section>
  );
}

interface LinkProps {
  readonly title: ComponentChildren;
  readonly place?: ComponentChildren;
  readonly kind?: 'none' | 'root';
  readonly children: ComponentChildren;
}

function Link({ title, place, kind, children }: LinkProps): JSX.Element {
  return (
    <li class={kind === undefined ? '' : `chain-${kind}`}>
      <p class="chain-head">
        <span class="chain-title">{title}</span> <span class="chain-place">{place}</span>
      </p>
      {children}
    </li>
  );
}
