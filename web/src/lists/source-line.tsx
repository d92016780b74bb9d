import type { JSX } from 'preact';
import type { SourceStatus } from '../../../src/domain.ts';
import { MiddleCut } from '../text/middle-cut.tsx';
import { Ago } from '../text/moment.tsx';
import { visibleText } from '../text/visible-text.ts';
import { healthOf } from './source-health.ts';

/** One log on one line: which, how it is, how fresh. */
export function SourceLine({ source, nowMs }: { readonly source: SourceStatus; readonly nowMs: number }): JSX.Element {
  const { health, mark, words } = healthOf(source);
  const name = visibleText(source.path);
  return (
    <li class={`source-line health-${health}`}>
      <span class="health-mark" aria-hidden="true">
        {mark}
      </span>
      <span class="source-name" title={name}>
        <b>{source.kind}</b>
        <MiddleCut text={name.split('/').at(-1) ?? name} />
      </span>
      <span class="source-words">{visibleText(words)}</span>
      <span class="dim number">
        <Ago at={source.newestAt} nowMs={nowMs} />
      </span>
    </li>
  );
}
