import type { JSX } from 'preact';
import type { WhyAnswer, WhyMatch } from '../../../src/domain.ts';
import { Heading } from '../heading.tsx';
import { failureRow } from '../lists/failure-row.ts';
import { FailureTable } from '../lists/failure-table.tsx';
import { healthOf } from '../lists/source-health.ts';
import { usePlace } from '../location.ts';
import { Empty, Loaded } from '../states.tsx';
import { formatNumber, formatSpan, formatTotal } from '../text/format.ts';
import { visibleText } from '../text/visible-text.ts';
import { useResource } from '../use-resource.ts';
import { DroppedView } from './dropped-view.tsx';
import { FailureView } from './failure-view.tsx';

const HOW: Readonly<Record<WhyMatch['how'], string>> = {
  last: 'the newest failure',
  id: 'a failure id',
  request: 'a request or trace id',
  time: 'a time',
  issue: 'an issue id',
  incident: 'an incident id',
  key: 'a KV key',
  sqlstate: 'an SQLSTATE',
  cause: 'a cause',
  operation: 'an operation',
  text: 'a piece of text',
};

/** Questions that show what the box takes. */
const EXAMPLES: readonly (readonly [question: string, words: string])[] = [
  ['last', 'the newest failure'],
  ['14:03:12', 'failures around a time: local clock, ISO 8601, or a span like 15m'],
  ['40P01', 'an SQLSTATE'],
  ['lock_timeout', 'a cause'],
  ['["users","alice"]', 'a KV key, as JSON'],
  ['f_01…', 'a failure, request, trace, issue or incident id'],
  ['too many clients', 'a piece of the error’s text'],
];

/** The answer to what was asked in the box. */
export function SearchPage(): JSX.Element {
  const { query } = usePlace();
  const question = (query.get('q') ?? '').trim();
  if (question === '') {
    return (
      <>
        <Heading title="Search" />
        <p>Ask why a request failed, with whatever is in hand:</p>
        <Examples />
      </>
    );
  }
  return <Answer key={question} question={question} />;
}

function Answer({ question }: { readonly question: string }): JSX.Element {
  const answer = useResource<WhyAnswer>('/v1/why', { q: question });
  return (
    <>
      {answer.value?.result !== 'match' && answer.value?.result !== 'dropped' && (
        <Heading title={`Why ${visibleText(question)}`}>why {visibleText(question)}</Heading>
      )}
      <Loaded resource={answer}>{(value) => <Result answer={value} />}</Loaded>
    </>
  );
}

function Result({ answer }: { readonly answer: WhyAnswer }): JSX.Element {
  const { result, total, matches } = answer;
  const [first] = matches;
  if (result === 'dropped') return <DroppedView attempts={answer.dropped} />;
  if (result === 'no_match' || first === undefined) return <NoMatch answer={answer} />;
  const readAs = `“${visibleText(answer.query)}” was read as ${HOW[first.how]}`;
  if (result === 'match') {
    return (
      <>
        <p class="note">{readAs}.</p>
        <FailureView verdict={first.verdict} />
      </>
    );
  }
  const notes = matches.map(describe);
  return (
    <>
      <p class="note" role="status">
        {readAs}: {formatTotal(total)} match{total === 1 ? 'es' : ''}, the best of each kind first. Pick one.
      </p>
      <Notes notes={answer.coverage} />
      <FailureTable
        label="Matches"
        rows={matches.map(({ verdict }) => failureRow(verdict))}
        {...(notes.some((note) => note !== '') ? { note: { head: 'Match', of: (index) => notes[index] } } : {})}
      />
    </>
  );
}

function describe(match: WhyMatch): string {
  const distance =
    match.distanceMs === null ? '' : match.distanceMs === 0 ? 'within it' : `${formatSpan(match.distanceMs)} off`;
  const same = match.same > 0 ? `${formatNumber(match.same)} more like it` : '';
  return [distance, same].filter((part) => part !== '').join(', ');
}

/** No match is an answer only as far as the logs were read. */
function NoMatch({ answer }: { readonly answer: WhyAnswer }): JSX.Element {
  const troubled = answer.sources.filter((source) => healthOf(source).health !== 'good');
  return (
    <>
      <Empty title="No failure matches">
        <p>
          {troubled.length === 0 && answer.coverage.length === 0
            ? 'All logs were read to their end: denokv returned no such 500 within what is kept.'
            : 'It may still have failed: not all was read.'}
        </p>
      </Empty>
      <Notes notes={answer.coverage} />
      {troubled.length > 0 && (
        <ul class="notes">
          {troubled.map((source, index) => (
            <li key={index}>
              <span class="mono">{visibleText(source.path)}</span>: {visibleText(healthOf(source).words)}
            </li>
          ))}
        </ul>
      )}
      <h2>What the box takes</h2>
      <Examples />
    </>
  );
}

function Notes({ notes }: { readonly notes: readonly string[] }): JSX.Element | null {
  if (notes.length === 0) return null;
  return (
    <ul class="notes">
      {notes.map((note) => (
        <li key={note}>{visibleText(note)}</li>
      ))}
    </ul>
  );
}

function Examples(): JSX.Element {
  return (
    <dl class="examples">
      {EXAMPLES.map(([question, words]) => (
        <div key={question}>
          <dt>
            {question.includes('…') ? (
              <code>{question}</code>
            ) : (
              <a href={`/search?${new URLSearchParams({ q: question }).toString()}`}>
                <code>{question}</code>
              </a>
            )}
          </dt>
          <dd>{words}</dd>
        </div>
      ))}
    </dl>
  );
}
