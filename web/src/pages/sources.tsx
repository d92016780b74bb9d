import type { JSX } from 'preact';
import type { Page, SourceStatus } from '../../../src/domain.ts';
import { Fact } from '../facts.tsx';
import { Heading } from '../heading.tsx';
import { healthOf } from '../lists/source-health.ts';
import { useNow } from '../services.ts';
import { Empty, Loaded } from '../states.tsx';
import { formatBytes, formatCount, formatNumber, formatShare } from '../text/format.ts';
import { InlineLogText } from '../text/log-text.tsx';
import { Ago, Moment } from '../text/moment.tsx';
import { visibleText } from '../text/visible-text.ts';
import { useResource } from '../use-resource.ts';

/** Each log: what it was found to be, how far it is read, and what is missing. */
export function SourcesPage(): JSX.Element {
  const sources = useResource<Page<SourceStatus>>('/v1/sources', {}, { refreshOn: ['source', 'failure'] });
  return (
    <>
      <Heading title="Sources" />
      <Loaded resource={sources}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No log is followed">
              <p>
                The configuration names files that are not there yet. <code>whyd config check FILE</code> says what it
                means.
              </p>
            </Empty>
          ) : (
            <>
              <Missing sources={items} />
              <ul class="cards sources">
                {items.map((source, index) => (
                  // By place: of one path there are two for a while after a rotation.
                  <SourceCard key={index} source={source} />
                ))}
              </ul>
            </>
          )
        }
      </Loaded>
    </>
  );
}

/** An answer needs both logs: what one of them alone cannot tell. */
function Missing({ sources }: { readonly sources: readonly SourceStatus[] }): JSX.Element | null {
  const has = (kind: SourceStatus['kind']): boolean => sources.some((source) => source.kind === kind);
  const gaps = [
    ...(has('denokv') ? [] : ['No denokv log is followed: failures cannot be seen.']),
    ...(has('postgres') ? [] : ['No Postgres log is followed: causes are what denokv itself says.']),
  ];
  if (gaps.length === 0) return null;
  return (
    <div class="trouble" role="note">
      {gaps.map((gap) => (
        <p key={gap}>
          <span aria-hidden="true">▲ </span>
          {gap}
        </p>
      ))}
    </div>
  );
}

function SourceCard({ source }: { readonly source: SourceStatus }): JSX.Element {
  const nowMs = useNow(10_000);
  const { health, mark, words } = healthOf(source);
  const { kind, path, detection, offset, sizeBytes, lagBytes, gaps, counts, newestAt, hint } = source;
  const share = sizeBytes === 0 ? 1 : Math.min(1, offset / sizeBytes);
  return (
    <li class={`card source health-${health}`}>
      <div class="card-head">
        <b>{kind}</b>
        <span class="mono path">{visibleText(path)}</span>
      </div>
      <p class="health">
        <span class="health-mark" aria-hidden="true">
          {mark}{' '}
        </span>
        <InlineLogText text={words} />
        {hint !== null && <span class="hint"> {visibleText(hint)}</span>}
      </p>
      <dl class="facts">
        <Fact name="Format">
          {detection === null ? 'not recognised yet' : `${detection.format}, ${formatShare(detection.confidence)} sure`}
        </Fact>
        <Fact name="Read">
          <progress value={share} max={1} aria-label="share of the file that is read" /> {formatBytes(offset)} of{' '}
          {formatBytes(sizeBytes)}
        </Fact>
        <Fact name="Lag">{lagBytes === 0 ? 'none' : formatBytes(lagBytes)}</Fact>
        <Fact name="Gaps">{gaps === 0 ? 'none' : formatNumber(gaps)}</Fact>
        <Fact name="Newest entry">
          {newestAt === null ? (
            'none'
          ) : (
            <>
              <Moment at={newestAt} /> <span class="dim">({<Ago at={newestAt} nowMs={nowMs} />})</span>
            </>
          )}
        </Fact>
        <Fact name="Understood">
          {`${formatCount(counts.lines, 'line')}: ${formatCount(counts.events, 'event')}, ${formatCount(counts.statements, 'statement')} passed over`}
        </Fact>
        {detection?.linePrefix != null && (
          <Fact name="log_line_prefix" isLong>
            <code>{visibleText(detection.linePrefix)}</code>
          </Fact>
        )}
        {counts.unrecognised > 0 && (
          <Fact name="Not understood" isLong>
            <>
              {formatCount(counts.unrecognised, 'line')}
              {counts.example !== null && (
                <>
                  , for example <InlineLogText text={counts.example} length={160} />
                </>
              )}
            </>
          </Fact>
        )}
      </dl>
    </li>
  );
}
